/// Uncertainty told apart by its origin, one entry for whatever the owner says: an input, or an input and a class.
public struct UncertaintyParts: Equatable, Sendable {
  /// What is left when the model is known: noise of the data, which more data would not remove.
  public let aleatoric: [Double]
  /// What comes from not knowing the model: more data would remove it.
  public let epistemic: [Double]

  /// Makes parts of equal lengths.
  init(aleatoric: [Double], epistemic: [Double]) {
    self.aleatoric = aleatoric
    self.epistemic = epistemic
  }

  /// Aleatoric and epistemic uncertainty together.
  public var total: [Double] { zip(aleatoric, epistemic).map { $0 + $1 } }

  /// Sums of `length` neighbours: over classes, where entries are [inputs, classes].
  func summed(by length: Int) -> UncertaintyParts {
    UncertaintyParts(aleatoric: Self.sums(aleatoric, by: length), epistemic: Self.sums(epistemic, by: length))
  }

  private static func sums(_ values: [Double], by length: Int) -> [Double] {
    stride(from: 0, to: values.count, by: length).map { values[$0..<($0 + length)].reduce(0, +) }
  }

  /// The parts of those entries.
  func entries(_ indices: [Int]) -> UncertaintyParts {
    UncertaintyParts(aleatoric: indices.map { aleatoric[$0] }, epistemic: indices.map { epistemic[$0] })
  }

  /// Means over all entries; not numbers where there is none.
  public var mean: (aleatoric: Double, epistemic: Double, total: Double) {
    let count = Double(aleatoric.count)
    let (data, model) = (aleatoric.reduce(0, +) / count, epistemic.reduce(0, +) / count)
    return (data, model, data + model)
  }
}
