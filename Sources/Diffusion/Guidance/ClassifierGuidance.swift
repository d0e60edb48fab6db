import Tensors

/// Guidance by a classifier: the score gains w ∇ log p(y | x), so that ε′ = ε − w σ ∇ log p(y | x) and the clean image moves
/// by w σ² / α ∇ log p(y | x) (Dhariwal & Nichol 2021, algorithm 2).
public struct ClassifierGuidance: Denoiser {
  /// ln p(y | x) of each image [n] for the noisy x [n, ..] at a level; computed from x by recorded operations.
  public typealias LogProbability = (_ x: Tensor, _ level: NoiseLevel) throws -> Tensor

  private let base: any Denoiser
  private let scale: Double
  private let logProbability: LogProbability

  /// Guides a denoiser by a classifier of noisy images, with weight w.
  public init(_ base: any Denoiser, scale: Double, _ logProbability: @escaping LogProbability) {
    self.base = base
    self.scale = scale
    self.logProbability = logProbability
  }

  public func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised {
    var denoised = try base(x, at: level)
    guard scale != 0 else { return denoised }
    let tracked = try x.detached().tracked()
    let gradients = try gradient(of: logProbability(tracked, level).sum(), withRespectTo: [tracked])
    let shift = try gradients[0] * scale
    denoised.clean = try denoised.clean + shift * (level.sigma * level.sigma / level.alpha)
    denoised.noise = try denoised.noise - shift * level.sigma
    return denoised
  }
}
