/// Numbers under a name: a parameter at a position, or a part of a chain's state.
public struct NamedArray: Equatable, Sendable {
  /// What the array is, as in the results.
  public let name: String
  /// Sizes of its dimensions; empty for a scalar.
  public let shape: [Int]
  /// Its elements in C order.
  public let values: [Double]

  /// Makes an array.
  public init(name: String, shape: [Int], values: [Double]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}
