/// What a distribution over models predicts of a real target for each input, with its variance told apart by origin.
public struct RegressionUncertainty: Equatable, Sendable {
  /// Means of the predictive distributions, [inputs].
  public let means: [Double]
  /// Variances of the predictive distributions, [inputs].
  public let variance: UncertaintyParts

  /// Summarises predictions, one an input.
  public init(_ predictions: [any PredictiveDistribution]) {
    means = predictions.map(\.mean)
    variance = UncertaintyParts(
      aleatoric: predictions.map(\.aleatoricVariance), epistemic: predictions.map(\.epistemicVariance))
  }
}

extension [GaussianMixture] {
  /// The mixtures that draws of all inputs make, one an input.
  /// - Parameters:
  ///   - means: [draws][inputs].
  ///   - variances: of the noise, [draws][inputs].
  /// - Throws: `UncertaintyError` if there is no draw, counts do not fit or a variance is not positive.
  public init(means: [[Double]], variances: [[Double]]) throws(UncertaintyError) {
    let inputs = means.first?.count ?? 0
    guard inputs > 0, means.count == variances.count, (means + variances).allSatisfy({ $0.count == inputs }) else {
      throw UncertaintyError(
        .invalidArgument, "each of \(means.count) draws needs a mean and a variance for the same inputs")
    }
    try require(variances.allSatisfy { $0.allSatisfy { $0 > 0 } }, "variances of the noise must be positive")
    self = []
    for input in 0..<inputs {
      append(
        try GaussianMixture(means: means.map { $0[input] }, deviations: variances.map { $0[input].squareRoot() }))
    }
  }
}
