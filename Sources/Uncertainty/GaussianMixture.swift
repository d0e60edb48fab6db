import Foundation

/// What draws predict of one real target: the mixture of N(m, s²), each draw weighing the same.
///
/// By the law of total variance Var y = E s² (aleatoric: noise that stays) + Var m (epistemic: what more data would remove).
public struct GaussianMixture: Equatable, Sendable {
  /// The mean of every draw.
  public let means: [Double]
  /// The standard deviation of every draw.
  public let deviations: [Double]

  /// Makes a mixture.
  /// - Throws: `UncertaintyError` if there is no draw, or not one deviation a mean.
  public init(means: [Double], deviations: [Double]) throws(UncertaintyError) {
    try require(
      !means.isEmpty && means.count == deviations.count,
      "a mixture needs one deviation for each of its draws, not \(deviations.count) for \(means.count)")
    self.means = means
    self.deviations = deviations
  }

  /// The mean of the mixture.
  public var mean: Double { means.reduce(0, +) / Double(means.count) }

  /// The mean of the draws' variances.
  public var aleatoricVariance: Double { deviations.reduce(0) { $0 + $1 * $1 } / Double(means.count) }

  /// The variance of the draws' means.
  public var epistemicVariance: Double {
    let mean = mean
    return means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(means.count)
  }

  /// log (1/S) Σ N(y; m, s²).
  public func logDensity(at target: Double) -> Double {
    let sum = zip(means, deviations).reduce(-Double.infinity) {
      logSumExp($0, normalLogDensity(target, mean: $1.0, deviation: $1.1))
    }
    return sum - log(Double(means.count))
  }

  /// The probability of a target below `target`.
  public func cumulative(at target: Double) -> Double {
    zip(means, deviations).reduce(0) { $0 + normalCumulative((target - $1.0) / $1.1) } / Double(means.count)
  }
}
