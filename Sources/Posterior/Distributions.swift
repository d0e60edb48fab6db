import Foundation
import Uncertainty

/// Φ⁻¹ for 0 < p < 1.
///
/// A rational start (Abramowitz & Stegun 26.2.23, error 4.5·10⁻⁴), then two steps of Halley's method, each of which cubes
/// the error: full precision.
func normalQuantile(_ p: Double) -> Double {
  let tail = min(p, 1 - p)
  let t = (-2 * log(tail)).squareRoot()
  let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
  let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  var z = numerator / denominator - t
  for _ in 0..<2 {
    let error = (normalCumulative(z) - tail) * (2 * Double.pi).squareRoot() * exp(z * z / 2)
    z -= error / (1 + z * error / 2)
  }
  return p < 0.5 ? z : -z
}

/// A log density of log σ and its derivative, for the prior of a positive σ; the Jacobian of the logarithm is included.
struct LogScalePrior {
  /// The log density up to a constant.
  let value: Double
  /// Its derivative with respect to log σ.
  let derivative: Double

  /// The prior σ ~ N(0, scale) cut to σ > 0.
  static func halfNormal(_ sigma: Double, scale: Double) -> LogScalePrior {
    let square = (sigma / scale) * (sigma / scale)
    return LogScalePrior(
      value: -square / 2 + log(sigma) - log(scale) + log(2 / Double.pi) / 2, derivative: 1 - square)
  }

  /// The prior σ ~ Cauchy(0, scale) cut to σ > 0.
  static func halfCauchy(_ sigma: Double, scale: Double) -> LogScalePrior {
    let square = (sigma / scale) * (sigma / scale)
    return LogScalePrior(
      value: log(2 / (Double.pi * scale)) - log1p(square) + log(sigma), derivative: 1 - 2 * square / (1 + square))
  }

  /// The improper uniform density on σ > 0.
  static func flat(_ sigma: Double) -> LogScalePrior { LogScalePrior(value: log(sigma), derivative: 1) }
}
