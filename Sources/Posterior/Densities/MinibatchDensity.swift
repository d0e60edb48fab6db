/// A log density that is a log prior and a sum over rows of data, so that a few rows estimate it.
public protocol MinibatchDensity: LogDensity {
  /// Rows of data.
  var rows: Int { get }

  /// The log prior and `weight` times the log likelihood of some rows, with the gradient of both.
  /// - Parameters:
  ///   - chosen: numbers of rows, from 0.
  ///   - weight: all rows over chosen ones, for an estimate without bias.
  ///   - gradient: `dimensions` numbers, all to be overwritten.
  func valueAndGradient(
    ofRows chosen: ArraySlice<Int64>, weight: Double, at position: [Double], gradient: inout [Double]
  ) throws(PosteriorError) -> Double

  /// The log likelihood of some rows.
  func logLikelihood(ofRows chosen: ArraySlice<Int64>, at position: [Double]) throws(PosteriorError) -> Double
}

extension MLPRegression: MinibatchDensity {
  /// Rows of data.
  public var rows: Int { likelihood.rows }

  /// The log prior and `weight` times the log likelihood of some rows, with the gradient of both.
  public func valueAndGradient(
    ofRows chosen: ArraySlice<Int64>, weight: Double, at position: [Double], gradient: inout [Double]
  ) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    try requireCount(gradient.count)
    let part = likelihood.value(ofRows: chosen, at: position, noise: noiseScale(at: position), gradient: &gradient)
    for i in 0..<network.parameterCount { gradient[i] *= weight }
    return posterior((weight * part.value, weight * part.noiseGradient), at: position, gradient: &gradient)
  }

  /// The log likelihood of some rows.
  public func logLikelihood(
    ofRows chosen: ArraySlice<Int64>, at position: [Double]
  ) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    var gradient = [Double](repeating: 0, count: dimensions)
    return likelihood.value(ofRows: chosen, at: position, noise: noiseScale(at: position), gradient: &gradient).value
  }
}
