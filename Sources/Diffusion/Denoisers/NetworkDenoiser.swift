import Specification
import Tensors

/// A network as a denoiser.
///
/// x may be scaled as it likes; it is brought to the network's scale (α² + σ² = 1, or EDM's c_in) first.
public struct NetworkDenoiser: Denoiser {
  /// A network with its conditions bound: the scaled image [n, ..] and times [n], float32, give an answer of the
  /// image's shape, or with twice the channels where it also predicts the variance.
  public typealias Network = (_ image: Tensor, _ times: Tensor) throws -> Tensor

  private let parameterization: Parameterization
  private let learnsVariance: Bool
  private let network: Network

  /// Wraps a network that was trained so.
  public init(parameterization: Parameterization, learnsVariance: Bool = false, _ network: @escaping Network) {
    self.parameterization = parameterization
    self.learnsVariance = learnsVariance
    self.network = network
  }

  /// Wraps a network that was trained with these settings.
  public init(_ configuration: DiffusionConfiguration, _ network: @escaping Network) {
    self.init(
      parameterization: configuration.parameterization, learnsVariance: configuration.learnsVariance, network)
  }

  public func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised {
    let seen = parameterization.level(level)
    let scale = seen.sigma > 0 && level.sigma != seen.sigma ? seen.sigma / level.sigma : 1
    let x = scale == 1 ? x : try x * scale
    let inputScale = parameterization.inputScale(at: seen)
    let times = try Tensor.full(level.time, shape: [x.shape.first ?? 1])
    let output = try network(inputScale == 1 ? x : x * inputScale, times)
    guard learnsVariance else { return try parameterization.denoised(output, of: x, at: seen) }
    let (mean, variance) = try splitVariance(output, channels: x.shape[1])
    var denoised = try parameterization.denoised(mean, of: x, at: seen)
    denoised.variance = variance
    return denoised
  }
}

/// An answer [n, 2c, ..] as prediction and variance, [n, c, ..] each.
func splitVariance(_ output: Tensor, channels: Int) throws -> (prediction: Tensor, variance: Tensor) {
  guard output.shape.count >= 2, output.shape[1] == 2 * channels else {
    throw DiffusionError(
      .invalidArgument,
      "a network that learns the variance answers with \(2 * channels) channels; its shape is \(output.shape)")
  }
  return (
    try output.narrowed(dimension: 1, start: 0, length: channels),
    try output.narrowed(dimension: 1, start: channels, length: channels)
  )
}
