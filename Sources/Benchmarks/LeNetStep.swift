import Networks
import Specification
import Tensors

/// The training that ensembles are compared on: five LeNet-5 for pictures of 28 × 28, one after the other, in batches of 128 of
/// shuffled pictures, with momentum.
struct LeNetStep {
  static let (batch, members, pictures) = (NoisePictures.batch, 5, NoisePictures.count)

  private let network: FeedForwardNetwork
  private let sets: [(parameters: ParameterSet, momenta: [Tensor])]
  private let noise: NoisePictures
  private var count = 0

  init() throws {
    let network = try FeedForwardNetwork(ClassifierConfiguration(.lenet5), inputShape: [1, 28, 28], outputs: 10)
    let key = RandomKey(seed: 1)
    sets = try (0..<Self.members).map { member in
      let drawn = try ParameterSet(network.parameterShapes, key: key.folding(in: UInt64(member)))
      return (drawn, try drawn.tensors.map(Tensor.zeros(like:)))
    }
    noise = try NoisePictures()
    self.network = network
  }

  /// Some steps of each member; the last loss.
  mutating func callAsFunction(stepsEach: Int) throws -> Double {
    var loss = 0.0
    for (parameters, momenta) in sets {
      for _ in 0..<stepsEach { loss = try step(parameters, momenta) }
    }
    return loss
  }

  private mutating func step(_ parameters: ParameterSet, _ momenta: [Tensor]) throws -> Double {
    count += 1
    let (images, labels) = try noise.batch(count)
    let leaves = try parameters.tracked()
    let logits = try network(images, parameters: leaves, pass: ForwardPass(normalization: .batch))
    let loss = try logits.crossEntropies(labels: labels).mean()
    try sgdStep(
      parameters: parameters.tensors, gradients: gradient(of: loss, withRespectTo: leaves.tensors), momenta: momenta,
      rate: 0.05, momentum: 0.9, decay: 5e-4)
    return try loss.scalar()
  }
}
