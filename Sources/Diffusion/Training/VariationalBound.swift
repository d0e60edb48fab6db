import Foundation
import Tensors

// The terms of the variational bound (Ho et al. 2020, eq. 5), in bits a dimension:
// −log₂ p(x₀) ≤ prior term + Σ_t (term of the step from t), of which the last, to the clean image, is the decoder's.
extension Interval {
  /// The term of this step for each sample [n]: KL(q(x′ | x, x₀) ‖ p(x′ | x)), or −log₂ p(x₀ | x) where x′ is the image.
  /// - Parameters:
  ///   - noisy: x [n, ..].
  ///   - clean: x₀ [n, ..]; its 256 values lie 2/255 apart in −1...1.
  ///   - estimate: the model's E[x₀ | x].
  ///   - variance: where the model's variance lies, −1 (posterior) to 1 (forward step) on a logarithmic scale.
  public func boundTerm(noisy: Tensor, clean: Tensor, estimate: Tensor, variance: Tensor) throws(TensorError) -> Tensor
  {
    let mean = try posteriorMean(of: noisy, clean: estimate)
    let logVariance = try logVariance(variance)
    let dimensions = Array(1..<clean.shape.count)
    guard to.sigma > 0 else {
      return try discretizedNegativeLogLikelihood(of: clean, mean: mean, logDeviation: logVariance * 0.5)
        .mean(alongAll: dimensions) * bitsPerNat
    }
    let trueLog = log(max(posteriorVariance, varianceMin))
    let difference = try posteriorMean(of: noisy, clean: clean) - mean
    // ½ (ln v − ln v̂ − 1 + v̂ / v + (μ̂ − μ)² / v), v the model's and v̂ the posterior's variance.
    let ratios = try (-logVariance + trueLog).exp() + difference.squared() * (-logVariance).exp()
    return try (logVariance - (trueLog + 1) + ratios).mean(alongAll: dimensions) * (0.5 * bitsPerNat)
  }
}

extension NoiseLevel {
  /// The prior term of the bound for clean images [n, ..]: KL(q(x | x₀) ‖ N(0, 1)) at the last level, in bits a dimension.
  public func priorTerm(_ clean: Tensor) throws(TensorError) -> Tensor {
    let constant = sigma * sigma - 1 - 2 * log(sigma)
    let squares = try clean.squared().mean(alongAll: Array(1..<clean.shape.count)) * (alpha * alpha)
    return try (squares + constant) * (0.5 * bitsPerNat)
  }
}

private let bitsPerNat = 1 / log(2.0)

/// −ln of the probability that a normal gives to the value's bin of width 2/255, open at −1 and 1 (Ho et al. 2020, eq. 13).
/// The distribution function is approximated by tanh, and no probability counts as less than 10⁻¹⁵.
private func discretizedNegativeLogLikelihood(
  of value: Tensor, mean: Tensor, logDeviation: Tensor
) throws(TensorError) -> Tensor {
  let precision = try (-logDeviation).exp()
  let centred = try value - mean
  let below = try normalDistribution((centred + 1 / 255) * precision)
  let belowLower = try normalDistribution((centred - 1 / 255) * precision)
  let edge = try Tensor.full(0.999, shape: [], type: value.type)
  let probability = try Tensor.selecting(
    below, where: value.isLess(than: -edge),
    otherwise: .selecting(1 - belowLower, where: value.isGreater(than: edge), otherwise: below - belowLower))
  return try -(probability.clamped(from: 1e-15).log())
}

/// Φ(x) ≈ ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) (Page 1977).
private func normalDistribution(_ x: Tensor) throws(TensorError) -> Tensor {
  try ((x + x.squared() * x * 0.044715) * (2 / Double.pi).squareRoot()).tanh() * 0.5 + 0.5
}

/// A number minus every element.
private func - (a: Double, b: Tensor) throws(TensorError) -> Tensor { try -b + a }
