import Networks
import Tensors

/// A network with what its outputs mean, and perhaps with first blocks that are not trained.
public struct MemberNetwork {
  /// The whole network.
  public let network: FeedForwardNetwork
  /// What its outputs mean.
  public let likelihood: Likelihood
  private let trunk: Trunk?

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
  /// - Throws: `TrainingError` if the trunk leaves nothing to train.
  public init(_ network: FeedForwardNetwork, _ likelihood: Likelihood, trunk: Trunk? = nil) throws(TrainingError) {
    (self.network, self.likelihood, self.trunk) = (network, likelihood, trunk)
    if let trunk, trunk.blocks >= network.blocks.count {
      throw TrainingError(
        .trunk, "The network has \(network.blocks.count) blocks; `trunk` must be less, so that heads differ.")
    }
  }

  private var trained: Range<Int> { (trunk?.blocks ?? 0)..<network.blocks.count }

  /// Parameters of the trained blocks.
  public var parameterShapes: [ParameterShape] { network.blocks[trained].flatMap(\.parameterShapes) }

  /// Statistics of the trained blocks.
  public var statisticShapes: [ParameterShape] { network.blocks[trained].flatMap(\.statisticShapes) }

  /// Outputs [n, outputs] for inputs as the whole network takes them.
  public func callAsFunction(_ inputs: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    guard let trunk else { return try network(inputs, parameters: parameters, pass: pass) }
    let features = try withoutGradient {
      try network(
        inputs, parameters: trunk.parameters, pass: ForwardPass(normalization: .stored(trunk.statistics)),
        blocks: 0..<trunk.blocks)
    }
    return try network(features, parameters: parameters, pass: pass, blocks: trained)
  }
}
