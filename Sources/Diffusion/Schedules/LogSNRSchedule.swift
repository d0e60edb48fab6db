import Foundation
import Specification

/// Imagen's schedules in continuous time: α² = sigmoid(l), σ² = sigmoid(−l), l(t) the log SNR, t in 0...1.
///
/// The cosine's l would be −∞ at t = 1; it ends at −20 (Kingma et al. 2021).
public struct LogSNRSchedule: NoiseSchedule, Equatable {
  private let formula: LogSNRScheduleConfiguration

  /// Makes the schedule with this formula.
  public init(_ formula: LogSNRScheduleConfiguration) { self.formula = formula }

  /// The logarithm of α² / σ² at a time in 0...1.
  public func logSNR(at time: Double) -> Double {
    switch formula {
    case .linear: return -log(expm1(1e-4 + 10 * time * time))
    case .cosine:
      let cosine = cos((time + 0.008) / 1.008 * .pi / 2)
      return max(-log(max(1 / (cosine * cosine) - 1, 1e-5)), -20)
    }
  }

  /// The time in 0...1 that has a noise-to-signal ratio.
  public func time(ratio: Double) -> Double {
    let time =
      switch formula {
      case .linear: (max(log1p(ratio * ratio) - 1e-4, 0) / 10).squareRoot()
      case .cosine: atan(ratio) * 2 / .pi * 1.008 - 0.008
      }
    return min(max(time, 0), 1)
  }

  /// The level at a time in 0...1.
  public func level(fraction time: Double) -> NoiseLevel {
    NoiseLevel(variancePreserving: exp(-logSNR(at: time) / 2), time: 1000 * time)
  }

  public func level(ratio: Double) -> NoiseLevel {
    NoiseLevel(variancePreserving: ratio, time: 1000 * time(ratio: ratio))
  }

  public var ratios: ClosedRange<Double> { level(fraction: 0).ratio...level(fraction: 1).ratio }
}
