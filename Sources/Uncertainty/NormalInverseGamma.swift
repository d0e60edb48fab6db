import Foundation

/// Evidence on the mean μ and the variance σ² of a real target: μ ~ N(γ, σ²/ν), σ² ~ InverseGamma(α, β).
///
/// Source: Amini, Schwarting, Soleimany & Rus, "Deep evidential regression", NeurIPS 2020, eq. 4–9. Its epistemic variance
/// and the aleatoric one are those of the law of total variance, so their sum is the variance of the predictive distribution.
public struct NormalInverseGamma: Equatable, Sendable {
  /// The predicted mean γ.
  public let mean: Double
  /// How many observations the mean is worth, ν.
  public let meanEvidence: Double
  /// The shape α of the variance; half as many observations as the variance is worth.
  public let shape: Double
  /// The scale β of the variance.
  public let scale: Double

  /// Makes the evidence of (γ, ν, α, β).
  /// - Throws: `UncertaintyError` unless ν > 0, α > 1 (below, there is no variance) and β > 0.
  public init(mean: Double, meanEvidence: Double, shape: Double, scale: Double) throws(UncertaintyError) {
    try require(
      meanEvidence > 0 && shape > 1 && scale > 0,
      "evidence must have ν > 0, α > 1 and β > 0, not \(meanEvidence), \(shape) and \(scale)")
    (self.mean, self.meanEvidence, self.shape, self.scale) = (mean, meanEvidence, shape, scale)
  }

  /// E σ² = β / (α − 1).
  public var aleatoricVariance: Double { scale / (shape - 1) }

  /// Var μ = β / (ν (α − 1)).
  public var epistemicVariance: Double { aleatoricVariance / meanEvidence }

  /// The log density of the predictive distribution, Student's t of 2α degrees of freedom around γ whose squared scale is
  /// β (1 + ν) / (ν α).
  public func logDensity(at target: Double) -> Double {
    let square = scale * (1 + meanEvidence) / (meanEvidence * shape)
    let degrees = 2 * shape
    let z = (target - mean) * (target - mean) / square
    return logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - log(degrees * Double.pi * square) / 2
      - (degrees + 1) / 2 * log1p(z / degrees)
  }

  /// The predictive distribution function, by I the regularised incomplete beta function: of t = (y − γ) / scale and ν degrees
  /// of freedom, 1 − I(ν / (ν + t²); ν / 2, 1 / 2) / 2 for t > 0 (Abramowitz & Stegun 26.7.1).
  public func cumulative(at target: Double) -> Double {
    let square = scale * (1 + meanEvidence) / (meanEvidence * shape)
    let degrees = 2 * shape
    let t = (target - mean) / square.squareRoot()
    let tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
    return t > 0 ? 1 - tail : tail
  }
}
