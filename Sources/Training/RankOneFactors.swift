import Networks
import Tensors

/// Several networks whose weights are shared but for factors of rank one: W_k = W ∘ (s_k r_kᵀ), r_k a factor of every input of a
/// layer and s_k one of every output. Vectors, such as biases, and running statistics are each network's own.
///
/// Source: Wen, Tran & Ba, "BatchEnsemble: an alternative approach to efficient ensemble and lifelong learning", ICLR 2020,
/// equations 3 to 5, with random signs as first factors (ibid., section 4). There all networks go through in one pass, inputs times
/// r and outputs times s; here their weights are made, which are the same functions.
struct RankOneFactors {
  /// Number of networks.
  let members: Int

  /// What all networks together learn: W, r [members, inputs] and s [members, outputs] of a weight, and vectors [members, size].
  func parameterShapes(_ weights: [ParameterShape]) -> [ParameterShape] {
    weights.flatMap { weight in
      guard weight.shape.count > 1 else { return own([weight]) }
      return [
        weight, ParameterShape("\(weight.name).inputs", [members, weight.shape[1]], .signs),
        ParameterShape("\(weight.name).outputs", [members, weight.shape[0]], .signs),
      ]
    }
  }

  /// One of each for every network.
  func own(_ vectors: [ParameterShape]) -> [ParameterShape] {
    vectors.map { ParameterShape($0.name, [members] + $0.shape, $0.initial) }
  }

  /// The weights of a network by its number.
  func weights(_ shapes: [ParameterShape], of shared: ParameterSet, member: Int) throws -> ParameterSet {
    ParameterSet(
      try shapes.map { shape in
        guard shape.shape.count > 1 else { return (shape.name, try vector(shape, of: shared, member: member)) }
        let ones = [Int](repeating: 1, count: shape.shape.count - 2)
        let inputs = try row("\(shape.name).inputs", of: shared, member: member, as: [1, shape.shape[1]] + ones)
        let outputs = try row("\(shape.name).outputs", of: shared, member: member, as: [shape.shape[0], 1] + ones)
        return (shape.name, try shared.tensor(shape.name) * (outputs * inputs))
      })
  }

  /// The statistics of a network by its number; they share memory with those of all.
  func statistics(_ shapes: [ParameterShape], of shared: ParameterSet, member: Int) throws -> ParameterSet {
    ParameterSet(try shapes.map { ($0.name, try vector($0, of: shared, member: member)) })
  }

  private func vector(_ shape: ParameterShape, of shared: ParameterSet, member: Int) throws -> Tensor {
    try row(shape.name, of: shared, member: member, as: shape.shape)
  }

  private func row(_ name: String, of shared: ParameterSet, member: Int, as shape: [Int]) throws -> Tensor {
    try shared.tensor(name).narrowed(start: member, length: 1).reshaped(to: shape)
  }
}
