import Foundation
import Specification
import Tensors

/// How much of an exponential moving average of weights stays in each update.
public enum AverageProfile: Equatable, Sendable {
  /// The same share, but no more of it than a young average deserves.
  case plain(decay: Double)
  /// A share that grows as 1 − (1 + n / inverseGamma)^−power up to a limit.
  case warmUp(decay: Double, inverseGamma: Double, power: Double)
  /// The power profile: weights at time t count as t^γ (Karras et al. 2024, EDM2, eq. 123).
  case power(gamma: Double)

  /// The share β in avg = β avg + (1 − β) weights.
  /// - Parameter update: from 1. The average starts from the weights before the first update; only in the power profile do
  ///   they count, as those of time 1.
  public func decay(at update: Int) -> Double {
    let past = Double(update - 1)
    switch self {
    case .plain(let decay): return update <= 1 ? 0 : min(decay, (1 + past) / (10 + past))
    case .warmUp(let decay, let inverseGamma, let power):
      return update <= 1 ? 0 : min(decay, 1 - pow(1 + past / inverseGamma, -power))
    case .power(let gamma): return pow(1 - 1 / Double(update + 1), gamma + 1)
    }
  }

  /// Moves an average on: the weights have taken `update` steps since it was started from them.
  public func update(_ average: [Tensor], with weights: [Tensor], update: Int) throws(TensorError) {
    try blend(average, towards: weights, by: 1 - decay(at: update))
  }
}

extension AveragingConfiguration {
  /// The averages to keep: one, or one a relative deviation; the first is for sampling.
  /// - Throws: `DiffusionError` if a relative deviation is out of reach.
  public func profiles() throws(DiffusionError) -> [AverageProfile] {
    switch self {
    case .plain(let decay): return [.plain(decay: decay)]
    case .warmUp(let decay, let inverseGamma, let power):
      return [.warmUp(decay: decay, inverseGamma: inverseGamma, power: power)]
    case .power(let deviations):
      var profiles: [AverageProfile] = []
      for deviation in deviations {
        profiles.append(.power(gamma: try powerProfileGamma(relativeDeviation: deviation)))
      }
      return profiles
    }
  }
}

/// γ of the power profile whose standard deviation is this part of the training time:
/// σ_rel² = (γ + 1) / ((γ + 2)² (γ + 3)) (Karras et al. 2024, eq. 126), solved by bisection.
/// - Throws: `DiffusionError` unless the part lies in (0, 0.288), where γ ≥ 0.
public func powerProfileGamma(relativeDeviation: Double) throws(DiffusionError) -> Double {
  try require(
    relativeDeviation > 1e-6 && relativeDeviation * relativeDeviation <= 1.0 / 12,
    "the relative deviation of an average must lie above 0 and be at most 0.288, not \(relativeDeviation)")
  func deviation(_ gamma: Double) -> Double {
    ((gamma + 1) / ((gamma + 2) * (gamma + 2) * (gamma + 3))).squareRoot()
  }
  var (low, high) = (0.0, 1 / relativeDeviation)
  while true {
    let middle = (low + high) / 2
    if middle <= low || middle >= high { return middle }
    if deviation(middle) > relativeDeviation { low = middle } else { high = middle }
  }
}
