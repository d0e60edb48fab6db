import Foundation
import Specification

/// The forward equation dx = f(t) x dt + g(t) dw, t in 0...1, and its marginals x = α x₀ + σ z (Song et al. 2021).
///
/// - VP: f = −β/2, g² = β, β(t) = β_min + t (β_max − β_min); α = exp(−½ ∫β), σ² = 1 − α².
/// - VE: f = 0, σ = σ_min (σ_max / σ_min)^t, g² = 2 σ² ln(σ_max / σ_min).
/// - sub-VP: f = −β/2, α as VP, σ = 1 − α², g² = β (1 − α⁴).
public struct ScoreSDE: NoiseSchedule, Equatable {
  private let kind: SDEConfiguration
  /// The least time that sampling and training visit; at 0 the score is not defined.
  public let timeMin: Double

  /// Makes the equation with these settings.
  /// - Throws: `DiffusionError` unless the two numbers are positive and in order and `timeMin` lies in 0..<1.
  public init(_ kind: SDEConfiguration, timeMin: Double = 1e-3) throws(DiffusionError) {
    let (low, high) =
      switch kind {
      case .vp(let betaMin, let betaMax), .subVP(let betaMin, let betaMax): (betaMin, betaMax)
      case .ve(let sigmaMin, let sigmaMax): (sigmaMin, sigmaMax)
      }
    try require(low > 0 && low < high && high.isFinite, "of the two numbers the first must be positive and the smaller")
    try require((0..<1).contains(timeMin), "the least time must lie in 0..<1")
    self.kind = kind
    self.timeMin = timeMin
  }

  /// The level at a time in 0...1.
  public func level(at time: Double) -> NoiseLevel {
    switch kind {
    case .vp(let betaMin, let betaMax):
      let logAlpha = Self.logAlpha(time, betaMin, betaMax)
      return NoiseLevel(alpha: exp(logAlpha), sigma: (-expm1(2 * logAlpha)).squareRoot(), time: 1000 * time)
    case .subVP(let betaMin, let betaMax):
      let logAlpha = Self.logAlpha(time, betaMin, betaMax)
      return NoiseLevel(alpha: exp(logAlpha), sigma: -expm1(2 * logAlpha), time: 1000 * time)
    case .ve(let sigmaMin, let sigmaMax):
      return NoiseLevel(alpha: 1, sigma: sigmaMin * pow(sigmaMax / sigmaMin, time), time: 1000 * time)
    }
  }

  /// ln α = −½ ∫₀ᵗ β.
  private static func logAlpha(_ time: Double, _ betaMin: Double, _ betaMax: Double) -> Double {
    -time * (betaMin / 2 + time * (betaMax - betaMin) / 4)
  }

  /// f(t), which multiplies x.
  public func drift(at time: Double) -> Double {
    switch kind {
    case .vp(let betaMin, let betaMax), .subVP(let betaMin, let betaMax): -(betaMin + time * (betaMax - betaMin)) / 2
    case .ve: 0
    }
  }

  /// g(t)².
  public func squaredDiffusion(at time: Double) -> Double {
    switch kind {
    case .vp: return -2 * drift(at: time)
    case .subVP(let betaMin, let betaMax):
      return 2 * drift(at: time) * expm1(4 * Self.logAlpha(time, betaMin, betaMax))
    case .ve(let sigmaMin, let sigmaMax):
      let sigma = level(at: time).sigma
      return 2 * sigma * sigma * log(sigmaMax / sigmaMin)
    }
  }

  /// The time in 0...1 that has a noise-to-signal ratio.
  public func time(ratio: Double) -> Double {
    let time =
      switch kind {
      case .vp(let betaMin, let betaMax): Self.time(integral: log1p(ratio * ratio), betaMin, betaMax)
      // The ratio is 1/α − α, so that ∫β = −2 ln α = 2 asinh(ratio / 2).
      case .subVP(let betaMin, let betaMax): Self.time(integral: 2 * asinh(ratio / 2), betaMin, betaMax)
      case .ve(let sigmaMin, let sigmaMax): log(ratio / sigmaMin) / log(sigmaMax / sigmaMin)
      }
    return min(max(time, 0), 1)
  }

  /// The t at which ∫₀ᵗ β has a value.
  private static func time(integral: Double, _ betaMin: Double, _ betaMax: Double) -> Double {
    2 * integral / (betaMin + (betaMin * betaMin + 2 * (betaMax - betaMin) * integral).squareRoot())
  }

  /// Beyond time 1 the level keeps that time.
  public func level(ratio: Double) -> NoiseLevel {
    let level = level(at: time(ratio: ratio))
    guard abs(level.ratio / ratio - 1) > 1e-9 else { return level }
    if case .ve = kind { return NoiseLevel(alpha: 1, sigma: ratio, time: level.time) }
    return NoiseLevel(variancePreserving: ratio, time: level.time)
  }

  /// The time falls linearly with the fraction, from 1 to `timeMin`.
  public func level(fraction: Double) -> NoiseLevel { level(at: timeMin + fraction * (1 - timeMin)) }

  public var ratios: ClosedRange<Double> { level(fraction: 0).ratio...level(fraction: 1).ratio }
}
