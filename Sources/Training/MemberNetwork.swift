import Networks
import Tensors

/// A network with what its outputs mean, and perhaps with first blocks that are not trained; or several that share their weights.
public struct MemberNetwork {
  /// The whole network.
  public let network: FeedForwardNetwork
  /// What its outputs mean.
  public let likelihood: Likelihood
  private let trunk: Trunk?
  private let factors: RankOneFactors?

  /// First blocks that stay as they are.
  public struct Trunk {
    let blocks: Int
    let parameters: ParameterSet
    let statistics: ParameterSet

    public init(blocks: Int, parameters: ParameterSet, statistics: ParameterSet) {
      (self.blocks, self.parameters, self.statistics) = (blocks, parameters, statistics)
    }
  }

  /// Describes a member.
  /// - Parameter sharing: How many networks share their weights but for factors of rank one; nil for a network by itself.
  /// - Throws: `TrainingError` if the trunk leaves nothing to train.
  public init(
    _ network: FeedForwardNetwork, _ likelihood: Likelihood, trunk: Trunk? = nil, sharing: Int? = nil
  ) throws(TrainingError) {
    (self.network, self.likelihood, self.trunk) = (network, likelihood, trunk)
    factors = sharing.map(RankOneFactors.init)
    if let trunk, trunk.blocks >= network.blocks.count {
      throw TrainingError(
        .trunk, "The network has \(network.blocks.count) blocks; `trunk` must be less, so that heads differ.")
    }
  }

  private var trained: Range<Int> { (trunk?.blocks ?? 0)..<network.blocks.count }

  /// Parameters of the trained blocks of one network, which a prior is about.
  public var weightShapes: [ParameterShape] { network.blocks[trained].flatMap(\.parameterShapes) }

  /// Statistics of the trained blocks of one network.
  private var ownStatisticShapes: [ParameterShape] { network.blocks[trained].flatMap(\.statisticShapes) }

  /// All that is trained.
  public var parameterShapes: [ParameterShape] {
    (factors?.parameterShapes(weightShapes) ?? weightShapes) + likelihood.parameterShapes
  }

  /// All statistics of what is trained.
  public var statisticShapes: [ParameterShape] { factors?.own(ownStatisticShapes) ?? ownStatisticShapes }

  /// The parameters of each network, as it is called with: one, or as many as share those that are trained.
  public func networks(_ parameters: ParameterSet) throws -> [ParameterSet] {
    guard let factors else { return [parameters] }
    return try (0..<factors.members).map { try factors.weights(weightShapes, of: parameters, member: $0) }
  }

  /// The statistics of each network; they share memory with these.
  public func networks(statistics: ParameterSet) throws -> [ParameterSet] {
    guard let factors else { return [statistics] }
    return try (0..<factors.members).map { try factors.statistics(ownStatisticShapes, of: statistics, member: $0) }
  }

  /// What the likelihood is told [n, …] of inputs as the whole network takes them, with the parameters of one network.
  public func callAsFunction(_ inputs: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    try likelihood.completed(run(inputs, parameters: parameters, pass: pass), parameters)
  }

  private func run(_ inputs: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    guard let trunk else { return try network(inputs, parameters: parameters, pass: pass) }
    let features = try withoutGradient {
      try network(
        inputs, parameters: trunk.parameters, pass: ForwardPass(normalization: .stored(trunk.statistics)),
        blocks: 0..<trunk.blocks)
    }
    return try network(features, parameters: parameters, pass: pass, blocks: trained)
  }
}
