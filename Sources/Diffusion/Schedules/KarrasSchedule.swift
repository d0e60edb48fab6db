import Foundation
import Specification

/// Noise that only adds up, x = x₀ + σ z (Karras et al. 2022, table 1).
public struct KarrasSchedule: NoiseSchedule, Equatable {
  private let configuration: KarrasScheduleConfiguration

  /// Makes the schedule with these settings.
  /// - Throws: `DiffusionError` unless 0 < sigmaMin < sigmaMax.
  public init(_ configuration: KarrasScheduleConfiguration) throws(DiffusionError) {
    let (low, high) = (configuration.sigmaMin, configuration.sigmaMax)
    try require(low > 0 && low < high && high.isFinite, "sigmaMin must lie above 0 and below sigmaMax")
    self.configuration = configuration
  }

  public var ratios: ClosedRange<Double> { configuration.sigmaMin...configuration.sigmaMax }

  public func level(ratio: Double) -> NoiseLevel {
    NoiseLevel(alpha: 1, sigma: ratio, time: log(max(ratio, .leastNormalMagnitude)) / 4)
  }

  /// σ^(1/7) grows linearly with the fraction.
  public func level(fraction: Double) -> NoiseLevel {
    level(ratio: karrasSigma(at: 1 - fraction, ratios, rho: 7))
  }

  /// ln σ is normal.
  public func trainingLevel(uniform: Double) -> NoiseLevel {
    let deviate = normalQuantile(min(max(uniform, 1e-12), 1 - 1e-12))
    return level(ratio: exp(configuration.logMean + configuration.logDeviation * deviate))
  }
}

/// (σ_max^(1/ρ) + s (σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ, s from 0 to 1 (Karras et al. 2022, eq. 5).
private func karrasSigma(at share: Double, _ range: ClosedRange<Double>, rho: Double) -> Double {
  let (low, high) = (pow(range.lowerBound, 1 / rho), pow(range.upperBound, 1 / rho))
  return pow(high + share * (low - high), rho)
}

/// `count` values of σ, falling from the largest to the smallest of a range so that σ^(1/ρ) falls linearly.
public func karrasSigmas(_ range: ClosedRange<Double>, count: Int, rho: Double = 7) -> [Double] {
  evenly(from: 0, to: 1, count: count).map { karrasSigma(at: $0, range, rho: rho) }
}

/// `count` values of σ, falling from the largest to the smallest of a range so that ln σ falls linearly.
public func exponentialSigmas(_ range: ClosedRange<Double>, count: Int) -> [Double] {
  evenly(from: log(range.upperBound), to: log(range.lowerBound), count: count).map(exp)
}

/// The x below which a standard normal lies with a probability in (0, 1), by Newton's method on ln Φ.
func normalQuantile(_ probability: Double) -> Double {
  if probability > 0.5 { return -normalQuantile(1 - probability) }
  // ln Φ is concave: from below the root every step stays below it.
  var x = -(-2 * log(probability)).squareRoot()
  for _ in 0..<100 {
    let below = erfc(-x / 2.0.squareRoot()) / 2
    let density = exp(-x * x / 2) / (2 * .pi).squareRoot()
    let step = below / density * (log(probability) - log(below))
    x += step
    if abs(step) < 1e-14 * (1 + abs(x)) { break }
  }
  return x
}
