/// A mean over equal measurements with its standard error.
public struct Measured: Codable, Equatable, Sendable {
  public var mean: Double
  /// Standard deviation (divisor n − 1) over √n; 0 for one measurement.
  public var error: Double

  public init(mean: Double, error: Double) { (self.mean, self.error) = (mean, error) }

  /// The mean of measurements; 0 if there is none.
  public init(over values: [Double]) {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error =
      values.count > 1 ? (squares / Double(values.count - 1) / Double(values.count)).squareRoot() : 0
    self.init(mean: mean, error: error)
  }
}
