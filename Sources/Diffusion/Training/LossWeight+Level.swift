import Foundation
import Specification

extension LossWeight {
  /// The weight of the squared error of what a network answers with at a level of noise.
  ///
  /// Weights are defined on the error of x₀ or z (see the cases) and carried over exactly: an error e of the answer is an
  /// error of `cleanErrorScale` e of x₀. With SNR = α² / σ² that is 1 / SNR for ε and 1 / (SNR + 1) for v.
  public func value(at level: NoiseLevel, _ parameterization: Parameterization) -> Double {
    let scale = parameterization.cleanErrorScale(at: level)
    switch self {
    case .simple: return 1
    case .minSNR(let gamma): return min(level.snr, gamma) * scale * scale
    case .p2(let k, let gamma):
      // The error of z is α / σ times that of x₀; written so that pure noise, where both are 0 / 0, has its limit.
      let share = parameterization == .epsilon ? 1 : scale / level.ratio
      return share * share / pow(k + level.snr, gamma)
    case .edm(let sigmaData):
      let ratio = level.ratio
      // (σ² + σ_data²) / (σ σ_data)² = 1 / σ_data² + 1 / σ².
      return (1 / (sigmaData * sigmaData) + 1 / (ratio * ratio)) * scale * scale
    }
  }
}
