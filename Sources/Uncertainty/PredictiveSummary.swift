import Foundation

/// What the draws of a regression predict at test points, with the variance told apart by its origin.
///
/// The predictive distribution of a point is a `GaussianMixture`, of N(f_s, σ_s²) over draws s.
/// Everything is in the units of the original target, y = targetMean + targetScale · standardised y.
public struct PredictiveSummary: Equatable, Sendable {
  /// The prediction at one test point.
  public struct Point: Equatable, Sendable {
    /// Mean of the predictive distribution.
    public let mean: Double
    /// Mean of the noise variance over draws.
    public let aleatoricVariance: Double
    /// Variance of f over draws.
    public let epistemicVariance: Double
    /// Log predictive density of the observed target.
    public let logDensity: Double
    /// Predictive probability of a target below the observed one.
    public let cumulative: Double

    /// Aleatoric and epistemic variance together: the variance of the mixture.
    public var totalVariance: Double { aleatoricVariance + epistemicVariance }
  }

  /// One entry a test point, in the order of the targets.
  public let points: [Point]
  /// Root mean square error of the predictive means.
  public let rootMeanSquareError: Double

  /// Mean log predictive density of the test points, log (1/S) Σ_s N(y; f_s, σ_s²).
  public var logPredictiveDensity: Double { mean(\.logDensity) }

  /// The share of test points within their central predictive interval of a probability, such as 0.9.
  ///
  /// A target lies within where its predictive cumulative probability is between (1 − level)/2 and (1 + level)/2.
  public func coverage(ofCentralInterval level: Double) -> Double {
    let inside = points.filter { abs($0.cumulative - 0.5) <= level / 2 }
    return Double(inside.count) / Double(points.count)
  }

  /// The mean of a point's number over all test points.
  public func mean(_ number: (Point) -> Double) -> Double {
    points.reduce(0) { $0 + number($1) } / Double(points.count)
  }

  /// Summarises draws with one σ each, those of all chains together.
  /// - Parameters:
  ///   - predictions: one array a draw, f at every test point, standardised.
  ///   - noiseScales: σ of every draw, standardised.
  ///   - targets: the observed targets, standardised.
  ///   - targetMean: what standardisation took away.
  ///   - targetScale: what standardisation divided by.
  /// - Throws: `UncertaintyError` if lengths do not fit or there is nothing to summarise.
  public init(
    predictions: [[Double]], noiseScales: [Double], targets: [Double], targetMean: Double = 0,
    targetScale: Double = 1
  ) throws(UncertaintyError) {
    guard !predictions.isEmpty, !targets.isEmpty, predictions.count == noiseScales.count,
      predictions.allSatisfy({ $0.count == targets.count })
    else {
      throw UncertaintyError(
        .invalidArgument,
        "a summary needs one σ for each of \(predictions.count) draws and predictions at all \(targets.count) targets")
    }
    var mixtures: [GaussianMixture] = []
    for index in targets.indices {
      mixtures.append(try GaussianMixture(means: predictions.map { $0[index] }, deviations: noiseScales))
    }
    try self.init(mixtures, targets: targets, targetMean: targetMean, targetScale: targetScale)
  }

  /// Scores mixtures, one a test point, against the targets that were observed; all standardised.
  /// - Throws: `UncertaintyError` if there is not one target a mixture, or there is none.
  public init(
    _ mixtures: [GaussianMixture], targets: [Double], targetMean: Double = 0, targetScale: Double = 1
  ) throws(UncertaintyError) {
    try require(
      !targets.isEmpty && mixtures.count == targets.count,
      "\(mixtures.count) predictions do not fit \(targets.count) targets: give one a target")
    points = zip(mixtures, targets).map {
      Point($0, target: $1, targetMean: targetMean, targetScale: targetScale)
    }
    let squares = zip(points, targets).reduce(0) { sum, pair in
      let error = pair.0.mean - targetMean - targetScale * pair.1
      return sum + error * error
    }
    rootMeanSquareError = (squares / Double(points.count)).squareRoot()
  }
}

extension PredictiveSummary.Point {
  init(_ mixture: GaussianMixture, target: Double, targetMean: Double, targetScale: Double) {
    mean = targetMean + targetScale * mixture.mean
    aleatoricVariance = targetScale * targetScale * mixture.aleatoricVariance
    epistemicVariance = targetScale * targetScale * mixture.epistemicVariance
    // A density in units of y is that in standardised units divided by the scale.
    logDensity = mixture.logDensity(at: target) - log(targetScale)
    cumulative = mixture.cumulative(at: target)
  }
}
