import Foundation

/// How much each of several models counts in their mixture Σ w_k p_k(y | x).
public struct ModelWeights: Equatable, Sendable {
  /// One weight a model; they sum to 1.
  public let weights: [Double]

  /// Bayesian model averaging with equal prior probabilities: w ∝ evidence.
  ///
  /// Source: Hoeting, Madigan, Raftery & Volinsky, Statistical Science 14 (1999).
  /// - Parameter logEvidences: log p(data | model).
  /// - Throws: `UncertaintyError` if there is no model, or an evidence is +∞ or not a number.
  public init(logEvidences: [Double]) throws(UncertaintyError) {
    let total = logSumExp(logEvidences)
    try require(
      total.isFinite && !logEvidences.contains(where: \.isNaN),
      "weights need log evidences that are finite, not \(logEvidences)")
    weights = logEvidences.map { exp($0 - total) }
  }

  /// Stacking of predictive distributions: the weights of greatest mean log score on data that were held out.
  ///
  /// The score (1/n) Σ_i log Σ_k w_k p_ki is concave on the simplex. Steps of expectation-maximisation,
  /// w_k ← w_k (1/n) Σ_i p_ki / Σ_j w_j p_ji, climb it; the largest factor, less 1, bounds what is still to be gained, and the
  /// climb ends when that is below the tolerance.
  ///
  /// Source: Yao, Vehtari, Simpson & Gelman, "Using stacking to average Bayesian predictive distributions", Bayesian
  /// Analysis 13 (2018), eq. 4.
  /// - Parameters:
  ///   - logDensities: log p_k(y_i | x_i), [models][points], of points that no model was trained on.
  ///   - tolerance: of the mean log score, in nats.
  /// - Throws: `UncertaintyError` if counts do not fit, or every model gives a point no probability.
  public init(stacking logDensities: [[Double]], tolerance: Double = 1e-6) throws(UncertaintyError) {
    let points = logDensities.first?.count ?? 0
    try require(
      points > 0 && logDensities.allSatisfy { $0.count == points },
      "stacking needs log densities of the same points from every model, not of \(logDensities.map(\.count))")
    // Relative to the best model of each point, so that nothing underflows for all of them.
    let best = (0..<points).map { point in logDensities.reduce(-Double.infinity) { max($0, $1[point]) } }
    if let point = best.firstIndex(where: { !$0.isFinite }) {
      throw UncertaintyError(
        .invalidArgument, "no model gives point \(point) a log density that is finite: remove it, or bound densities")
    }
    try require(!logDensities.contains { $0.contains(where: \.isNaN) }, "a log density is not a number")
    let densities = logDensities.map { row in zip(row, best).map { exp($0 - $1) } }
    var weights = [Double](repeating: 1 / Double(densities.count), count: densities.count)
    for _ in 0..<Self.stepsMax {
      let factors = Self.factors(weights, densities)
      weights = zip(weights, factors).map { $0 * $1 }
      if (factors.max() ?? 1) - 1 <= tolerance { break }
    }
    let sum = weights.reduce(0, +)
    self.weights = weights.map { $0 / sum }
  }

  private static let stepsMax = 10_000

  /// (1/n) Σ_i p_ki / Σ_j w_j p_ji: the gradient of the score.
  private static func factors(_ weights: [Double], _ densities: [[Double]]) -> [Double] {
    let points = densities[0].count
    var mixture = [Double](repeating: 0, count: points)
    for (weight, row) in zip(weights, densities) {
      for point in 0..<points { mixture[point] += weight * row[point] }
    }
    return densities.map { row in
      zip(row, mixture).reduce(0) { $0 + $1.0 / $1.1 } / Double(points)
    }
  }
}
