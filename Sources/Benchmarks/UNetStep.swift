import Networks
import Tensors

/// The U-Net that training speed is compared on: 3 × 32 × 32, channels 64-128-256, two residual blocks a resolution,
/// attention at 16 and 8 pixels; 16.06 million parameters, 13.3 GFLOP an image and step.
struct UNetStep {
  static let batch = 32
  /// Multiplications and additions of a step, forward and backward, for one image, by PyTorch's counter.
  static let flopsPerImage = 13.30e9

  static var configuration: UNetConfiguration {
    var configuration = UNetConfiguration(.unconditional)
    configuration.sampleSize = .all(32)
    configuration.blockOutChannels = [64, 128, 256]
    configuration.downBlockTypes = [.plain, .attention, .attention]
    configuration.upBlockTypes = [.attention, .attention, .plain]
    configuration.attentionHeadDim = .all(64)
    return configuration
  }

  let network: UNet
  let parameters: ParameterSet
  /// The same as sampling takes them, which makes them ready once for all its evaluations.
  private let readied: ParameterSet
  private let moments: (first: [Tensor], second: [Tensor])
  private let key = RandomKey(seed: 1)
  private var count = 0

  init() throws {
    network = try UNet(Self.configuration)
    parameters = try ParameterSet(network.parameterShapes, key: key).channelsLast()
    readied = try parameters.readied()
    moments = (try parameters.tensors.map { try $0 * 0 }, try parameters.tensors.map { try $0 * 0 })
  }

  /// One step of Adam on the error of predicted noise, with a batch of noise for images; its loss.
  mutating func callAsFunction() throws -> Double {
    count += 1
    let step = key.folding(in: UInt64(count))
    let clean = try Tensor.normals(key: step.purpose("images"), shape: [Self.batch, 3, 32, 32])
    let noise = try Tensor.normals(key: step.purpose("noise"), shape: [Self.batch, 3, 32, 32])
    let times = step.purpose("times").uniforms(count: Self.batch).map { Float(($0 * 1000).rounded(.down)) }
    let leaves = try parameters.tracked()
    let output = try network((clean + noise) * 0.5.squareRoot(), timestep: Tensor(times), parameters: leaves)
    let loss = try (output - noise).squared().mean()
    try adamStep(
      parameters: parameters.tensors, gradients: gradient(of: loss, withRespectTo: leaves.tensors),
      firstMoments: moments.first, secondMoments: moments.second, step: count, rate: 1e-4)
    return try loss.scalar()
  }

  /// The network's output for a batch, without a record for gradients.
  func forward(batch: Int) throws {
    try withoutGradient {
      let x = try Tensor.normals(key: key.purpose("sampling"), shape: [batch, 3, 32, 32])
      _ = try network(x, timestep: Tensor.full(500, shape: [batch]), parameters: readied)
    }
  }
}
