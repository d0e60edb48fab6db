import Specification
import Tensors

/// A denoiser whose estimates of the clean image are kept within bounds.
public struct Thresholding: Denoiser {
  private let base: any Denoiser
  private let configuration: ThresholdConfiguration

  /// Wraps a denoiser.
  public init(_ base: any Denoiser, _ configuration: ThresholdConfiguration) {
    self.base = base
    self.configuration = configuration
  }

  public func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised {
    let denoised = try base(x, at: level)
    if configuration.bound == .none { return denoised }
    var bounded = denoised
    bounded.clean = try configuration.bound.applied(to: denoised.clean)
    if !configuration.keepsNoise { bounded.noise = try Denoised(clean: bounded.clean, of: x, at: level).noise }
    return bounded
  }
}

extension ThresholdConfiguration.Bound {
  /// Images [n, ..] within the bound.
  ///
  /// Dynamic: s is a quantile of |x| in each image, at least 1 and at most the maximum; x is cut off at ±s and divided by s
  /// (Saharia et al. 2022, section 2.3).
  public func applied(to images: Tensor) throws(TensorError) -> Tensor {
    switch self {
    case .none: return images
    case .fixed(let limit): return try images.clamped(from: -limit, to: limit)
    case .dynamic(let quantile, let maximum):
      let flat = try images.reshaped(to: [images.shape.first ?? 1, -1])
      let bound = try flat.abs().quantile(quantile, along: 1).clamped(from: 1, to: maximum).unsqueezed(at: 1)
      return try (flat.minimum(bound).maximum(-bound) / bound).reshaped(to: images.shape)
    }
  }
}
