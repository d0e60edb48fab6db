import Formats
import Networks
import Tensors

/// Mean, variance and last deviations of weights along a training: a Gaussian of low rank plus a diagonal about their mean.
///
/// Sources: Izmailov et al., "Averaging weights leads to wider optima and better generalization", UAI 2018 (the mean);
/// Maddox et al., "A simple baseline for Bayesian uncertainty in deep learning", NeurIPS 2019, algorithm 1 (SWAG).
public final class WeightMoments {
  /// Weights taken in.
  public private(set) var count = 0
  private let rank: Int
  private let shapes: [ParameterShape]
  private var means: [Tensor]
  private var squares: [Tensor]
  private var deviations: [[Tensor]] = []

  /// Begins without weights.
  /// - Parameter rank: Deviations that are kept; 0 keeps none.
  public init(_ shapes: [ParameterShape], rank: Int) throws {
    (self.shapes, self.rank) = (shapes, rank)
    means = try shapes.map { try Tensor.full(0, shape: $0.shape) }
    squares = try shapes.map { try Tensor.full(0, shape: $0.shape) }
  }

  /// Takes in weights.
  public func add(_ parameters: ParameterSet) throws {
    count += 1
    try blend(means, towards: parameters.tensors, by: 1 / Double(count))
    try blend(squares, towards: parameters.tensors.map { try $0.squared() }, by: 1 / Double(count))
    guard rank > 0 else { return }
    deviations.append(try zip(parameters.tensors, means).map { try $0 - $1 })
    if deviations.count > rank { deviations.removeFirst() }
  }

  /// The mean of the weights.
  public var mean: ParameterSet { ParameterSet(zip(shapes, means).map { ($0.name, $1) }) }

  /// A draw from the Gaussian: mean + Σ^½ z₁ / √2 + D z₂ / √(2 (K − 1)).
  public func draw(key: RandomKey) throws -> ParameterSet {
    let columns = key.purpose("columns").normals(count: deviations.count)
    let scale = 1 / (2 * Double(max(deviations.count - 1, 1))).squareRoot()
    return ParameterSet(
      try shapes.enumerated().map { index, shape in
        let variance = try (squares[index] - means[index].squared()).clamped(from: 1e-30)
        let noise = try Tensor.normals(key: key.purpose(shape.name), shape: shape.shape)
        var value = try means[index] + variance.sqrt() * noise * 0.5.squareRoot()
        for (column, z) in zip(deviations, columns) { value = try value + column[index] * (z * scale) }
        return (shape.name, value)
      })
  }

  /// Adds the state to a checkpoint.
  public func store(in file: inout Safetensors) throws {
    file["moments.count"] = try Safetensors.Tensor([count], shape: [])
    for (kind, tensors) in kinds {
      for (shape, tensor) in zip(shapes, tensors) { file["\(kind)/\(shape.name)"] = try tensor.stored() }
    }
  }

  /// Takes up the state of a checkpoint.
  public func restore(from file: Safetensors) throws {
    count = try file.tensor("moments.count").integerValues().first ?? 0
    deviations = try (0..<max(0, min(rank, count))).map { _ in try shapes.map { try Tensor.full(0, shape: $0.shape) } }
    for (kind, tensors) in kinds {
      for (shape, tensor) in zip(shapes, tensors) { try tensor.restore("\(kind)/\(shape.name)", from: file) }
    }
  }

  private var kinds: [(String, [Tensor])] {
    [("moments.mean", means), ("moments.square", squares)]
      + deviations.enumerated().map { ("moments.deviation.\($0)", $1) }
  }
}
