/// An exponential moving average of weights.
public enum AveragingConfiguration: Equatable, Sendable {
  /// The weight of the past is 0 in the first update and min(decay, n / (9 + n)) in the n-th, so that the start is forgotten.
  case plain(decay: Double)
  /// The weight of the past in the n-th update is min(decay, 1 − (1 + (n − 1) / inverseGamma)^−power).
  case warmUp(decay: Double, inverseGamma: Double, power: Double)
  /// Power profiles of these relative standard deviations, from which an average of any length can be made afterwards
  /// (Karras et al. 2024, EDM2); the first is used for sampling.
  case power(relativeDeviations: [Double])
}
