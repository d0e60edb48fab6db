import Foundation

/// How far data are drowned in noise: x = α x₀ + σ z, z standard normal.
public struct NoiseLevel: Hashable, Sendable {
  /// What the data are multiplied by.
  public var alpha: Double
  /// Standard deviation of the noise.
  public var sigma: Double
  /// What the network is told: see `NoiseSchedule`.
  public var time: Double

  /// Makes a level.
  public init(alpha: Double, sigma: Double, time: Double) {
    self.alpha = alpha
    self.sigma = sigma
    self.time = time
  }

  /// The level of a noise-to-signal ratio with α² + σ² = 1; an infinite ratio is pure noise.
  public init(variancePreserving ratio: Double, time: Double) {
    let alpha = 1 / (1 + ratio * ratio).squareRoot()
    self.init(alpha: alpha, sigma: ratio.isInfinite ? 1 : ratio * alpha, time: time)
  }

  /// The level without noise.
  public static let clean = NoiseLevel(alpha: 1, sigma: 0, time: 0)

  /// σ / α: infinite for pure noise.
  public var ratio: Double { sigma / alpha }

  /// The signal-to-noise ratio α² / σ².
  public var snr: Double { (alpha / sigma) * (alpha / sigma) }

  /// λ = ln(α / σ), half the logarithm of the signal-to-noise ratio.
  public var lambda: Double { -log(ratio) }

  /// √(α² + σ²): the standard deviation of x for data of unit variance.
  public var magnitude: Double { (alpha * alpha + sigma * sigma).squareRoot() }

  /// The same ratio and time for data that are scaled so that α² + σ² = 1.
  public var variancePreserving: NoiseLevel {
    NoiseLevel(alpha: alpha / magnitude, sigma: sigma / magnitude, time: time)
  }

  /// The same ratio and time for unscaled data, α = 1: noise only adds up.
  public var varianceExploding: NoiseLevel { NoiseLevel(alpha: 1, sigma: ratio, time: time) }
}
