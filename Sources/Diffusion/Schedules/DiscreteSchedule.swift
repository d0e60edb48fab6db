import Foundation
import Specification

/// A chain of T noise levels with α² + σ² = 1: ᾱ_t = Π (1 − β_i), α = √ᾱ, σ = √(1 − ᾱ).
///
/// 1 − β and ᾱ are rounded to single precision, as they are where published models were trained: next to 0 and 1 that moves
/// σ / α in the fourth digit, and a model should meet the noise it knows.
public struct DiscreteSchedule: NoiseSchedule, Equatable {
  /// Variances of the single steps, β.
  public let betas: [Double]
  /// ᾱ_t.
  public let alphasCumprod: [Double]
  /// ln(σ / α) of each timestep; infinite where the last is pure noise.
  private let logRatios: [Double]

  /// Makes the schedule of given β.
  /// - Throws: `DiffusionError` unless there are at least two, each above 0 and at most 1.
  public init(betas: [Double]) throws(DiffusionError) {
    try require(betas.count >= 2, "a schedule needs at least two timesteps, not \(betas.count)")
    try require(betas.allSatisfy { $0 > 0 && $0 <= 1 }, "every β must lie above 0 and be at most 1")
    var product = 1.0
    let signals = betas.map { beta in
      product *= Double(1 - Float(beta))
      return Double(Float(product))
    }
    self.init(betas: betas, alphasCumprod: signals)
  }

  private init(betas: [Double], alphasCumprod: [Double]) {
    self.betas = betas
    self.alphasCumprod = alphasCumprod
    logRatios = alphasCumprod.map { log((1 - $0) / $0) / 2 }
  }

  /// Makes the schedule with these settings.
  public init(_ configuration: DiscreteScheduleConfiguration) throws(DiffusionError) {
    let (count, start, end) = (configuration.timesteps, configuration.betaStart, configuration.betaEnd)
    let betas: [Double] =
      switch configuration.shape {
      case .linear: evenly(from: start, to: end, count: count)
      case .scaledLinear: evenly(from: start.squareRoot(), to: end.squareRoot(), count: count).map { $0 * $0 }
      case .sigmoid: evenly(from: -6, to: 6, count: count).map { start + (end - start) / (1 + exp(-$0)) }
      case .cosine: Self.cosineBetas(count)
      }
    let schedule = try DiscreteSchedule(betas: betas)
    self = configuration.zeroTerminalSNR ? try schedule.rescaledToZeroTerminalSNR() : schedule
  }

  /// Nichol & Dhariwal 2021, eq. 17, with β at most 0.999.
  private static func cosineBetas(_ count: Int) -> [Double] {
    func signal(_ time: Double) -> Double {
      let cosine = cos((time + 0.008) / 1.008 * .pi / 2)
      return cosine * cosine
    }
    return (0..<count).map { step in
      min(0.999, 1 - signal(Double(step + 1) / Double(count)) / signal(Double(step) / Double(count)))
    }
  }

  /// √ᾱ shifted so that the last is 0 and scaled so that the first stays (Lin et al. 2024, algorithm 1).
  public func rescaledToZeroTerminalSNR() throws(DiffusionError) -> DiscreteSchedule {
    let roots = alphasCumprod.map { Float($0).squareRoot() }
    let (first, last) = (roots[0], roots[roots.count - 1])
    let signals = roots.map { ($0 - last) * (first / (first - last)) }.map { $0 * $0 }
    let betas = signals.indices.map { Double(1 - signals[$0] / ($0 == 0 ? 1 : signals[$0 - 1])) }
    return try DiscreteSchedule(betas: betas)
  }

  /// The same schedule for solvers that divide by α: pure noise counts as ᾱ = 2⁻²⁴, σ / α = 4096.
  public var withFiniteRatios: DiscreteSchedule {
    DiscreteSchedule(betas: betas, alphasCumprod: alphasCumprod.map { $0 > 0 ? $0 : 0x1p-24 })
  }

  /// T.
  public var timesteps: Int { betas.count }

  /// The level of a whole timestep; a negative one is the clean image.
  public func level(timestep: Int) -> NoiseLevel {
    guard timestep >= 0 else { return .clean }
    let timestep = min(timestep, timesteps - 1)
    let signal = alphasCumprod[timestep]
    return NoiseLevel(alpha: signal.squareRoot(), sigma: (1 - signal).squareRoot(), time: Double(timestep))
  }

  /// The level at a time that may lie between timesteps: ln(σ / α) is linear there.
  public func level(time: Double) -> NoiseLevel {
    let clamped = min(max(time, 0), Double(timesteps - 1))
    let low = min(Int(clamped), timesteps - 2)
    let share = clamped - Double(low)
    if share == 0 { return level(timestep: low) }
    if share == 1 { return level(timestep: low + 1) }
    let logRatio = (1 - share) * logRatios[low] + share * logRatios[low + 1]
    return NoiseLevel(variancePreserving: exp(logRatio), time: clamped)
  }

  /// The level at a time that may lie between timesteps where σ / α, not its logarithm, is linear.
  public func level(interpolatingRatioAt time: Double) -> NoiseLevel {
    let low = min(max(Int(time), 0), timesteps - 1)
    let share = time - Double(low)
    guard share > 0, low + 1 < timesteps else { return level(timestep: low) }
    let ratio = (1 - share) * level(timestep: low).ratio + share * level(timestep: low + 1).ratio
    return NoiseLevel(variancePreserving: ratio, time: time)
  }

  /// The time at which ln(σ / α), linear between timesteps, has a ratio; the nearest end outside.
  public func time(ratio: Double) -> Double {
    let logRatio = log(max(ratio, 1e-10))
    var (low, high) = (0, timesteps - 1)
    guard logRatio > logRatios[low] else { return 0 }
    guard logRatio < logRatios[high] else { return Double(high) }
    while high - low > 1 {
      let middle = (low + high) / 2
      if logRatios[middle] <= logRatio { low = middle } else { high = middle }
    }
    // Next to pure noise the line is infinitely steep, and every finite ratio belongs to its lower end.
    guard logRatios[high].isFinite else { return Double(low) }
    return Double(low) + (logRatio - logRatios[low]) / (logRatios[high] - logRatios[low])
  }

  public var ratios: ClosedRange<Double> { level(timestep: 0).ratio...level(timestep: timesteps - 1).ratio }

  public func level(ratio: Double) -> NoiseLevel {
    NoiseLevel(variancePreserving: ratio, time: time(ratio: ratio))
  }

  public func level(fraction: Double) -> NoiseLevel { level(time: fraction * Double(timesteps - 1)) }

  /// Every timestep is equally likely.
  public func trainingLevel(uniform: Double) -> NoiseLevel {
    level(timestep: min(Int(uniform * Double(timesteps)), timesteps - 1))
  }
}
