import Specification
import Tensors

/// Classifier-free guidance: u + w (c − u), c and u the answers with and without the condition (Ho & Salimans 2021).
///
/// At w = 0 the condition is ignored and at w = 1 followed as trained, bit for bit, and only the one network is asked.
/// Rescaling gives a share φ of the result the standard deviation that c has in each image (Lin et al. 2024, eqs. 14 to 16),
/// measured on what the network answers with. Outside an interval of σ / α the condition is followed as trained
/// (Kynkäänniemi et al. 2024).
public struct ClassifierFreeGuidance: Denoiser {
  private let conditional: any Denoiser
  private let unconditional: any Denoiser
  private let configuration: GuidanceConfiguration
  private let parameterization: Parameterization

  /// Guides a denoiser by another one.
  /// - Parameters:
  ///   - unconditional: the denoiser to go away from; a weaker model in its place is autoguidance (Karras et al. 2024).
  ///   - parameterization: what the networks answer with; rescaling alone depends on it.
  public init(
    _ conditional: any Denoiser, awayFrom unconditional: any Denoiser, _ configuration: GuidanceConfiguration,
    parameterization: Parameterization = .epsilon
  ) {
    self.conditional = conditional
    self.unconditional = unconditional
    self.configuration = configuration
    self.parameterization = parameterization
  }

  public func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised {
    let scale = configuration.scale
    guard scale != 1, configuration.interval.contains(level.ratio) else { return try conditional(x, at: level) }
    let negative = try unconditional(x, at: level)
    if scale == 0, configuration.rescale == 0 { return negative }
    let positive = try conditional(x, at: level)
    var guided = Denoised(
      clean: try guide(positive.clean, awayFrom: negative.clean, scale: scale),
      noise: try guide(positive.noise, awayFrom: negative.noise, scale: scale), variance: positive.variance)
    if configuration.rescale > 0 {
      let seen = parameterization.level(level)
      let answer = try rescale(
        parameterization.output(guided, at: seen), like: parameterization.output(positive, at: seen),
        share: configuration.rescale)
      guided = try parameterization.denoised(answer, of: x * (seen.sigma / level.sigma), at: seen)
      guided.variance = positive.variance
    }
    return guided
  }
}

/// u + w (c − u).
public func guide(_ positive: Tensor, awayFrom negative: Tensor, scale: Double) throws(TensorError) -> Tensor {
  try negative + (positive - negative) * scale
}

/// A share of `guided` scaled to the standard deviation that `positive` has in each image, mixed with the rest of it.
public func rescale(_ guided: Tensor, like positive: Tensor, share: Double) throws(TensorError) -> Tensor {
  let dimensions = Array(1..<guided.shape.count)
  func variance(_ x: Tensor) throws(TensorError) -> Tensor {
    try x.variance(alongAll: dimensions, unbiased: true, keepingDimensions: true)
  }
  let ratio = try (variance(positive) / variance(guided)).sqrt()
  return try guided * (ratio * share + (1 - share))
}
