import Networks
import Posterior
import Specification
import Tensors
import Training

/// What a Laplace approximation about a member's weights predicts.
struct LaplaceFunctions {
  private let configuration: LaplaceConfiguration
  private let network: LaplaceNetwork
  private let posterior: LaplacePosterior
  private let key: RandomKey
  /// Draws of the linearised network's outputs, where the job does not ask for drawn weights.
  static let outputDraws = 30

  /// Gathers the curvature over the training part, and takes the prior that the job asks for.
  init(
    _ configuration: LaplaceConfiguration, _ member: MemberNetwork, _ function: MemberFunction, examples: Examples,
    batch: Int, key: RandomKey
  ) throws {
    (self.configuration, self.key) = (configuration, key)
    network = LaplaceNetwork(
      member.network, parameters: function.parameters, statistics: function.statistics,
      isLastLayerOnly: configuration.isLastLayerOnly)
    var fit = LaplaceFit(network, structure: configuration.structure.curvature, likelihood: .categorical)
    try examples.inBatches(of: batch) { try fit.add(inputs: $0, targets: $1) }
    posterior =
      switch configuration.precision {
      case .evidence(let isPerLayer): try fit.posterior().maximizingEvidence(isPerLayer: isPerLayer)
      case .fixed(let precision): try fit.posterior().with(priorPrecisions: [precision])
      }
  }

  /// Logarithm of the probability of the training data under the network.
  var logEvidence: Double { posterior.logMarginalLikelihood }

  /// Number of draws.
  var count: Int { configuration.draws > 0 ? configuration.draws : Self.outputDraws }

  /// Class probabilities [draws, n, classes] of inputs; those of an input do not depend on the others of its batch.
  /// - Parameter place: Number of the first input in its set.
  func probabilities(_ inputs: Tensor, set: String, place: Int) throws -> Tensor {
    if configuration.draws > 0 {
      return try Tensor.stacked(
        (0..<count).map { draw in
          let drawn = try posterior.draw(network, key: self.key.folding(in: UInt64(draw)))
          return try network.outputs(inputs, parameters: drawn).softmax(along: 1)
        })
    }
    let key = key.purpose(set).folding(in: UInt64(place))
    return try posterior.functions(network, inputs).draws(count: count, key: key).softmax(along: 2)
      .converted(to: .float32)
  }
}

extension LaplaceConfiguration.Structure {
  fileprivate var curvature: CurvatureStructure {
    switch self {
    case .diagonal: .diagonal
    case .kronecker: .kronecker
    case .full: .full
    }
  }
}
