import Foundation

/// What the draws of a regression predict at test points, with the variance told apart by its origin.
///
/// The predictive distribution of a point is the mixture of N(f_s, σ_s²) over draws s. By the law of total variance
/// Var y = E σ_s² (aleatoric: noise that stays) + Var f_s (epistemic: what more data would remove).
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

  /// Summarises draws, those of all chains together.
  /// - Parameters:
  ///   - predictions: one array a draw, f at every test point, standardised.
  ///   - noiseScales: σ of every draw, standardised.
  ///   - targets: the observed targets, standardised.
  ///   - targetMean: what standardisation took away.
  ///   - targetScale: what standardisation divided by.
  /// - Throws: `PosteriorError` if lengths do not fit or there is nothing to summarise.
  public init(
    predictions: [[Double]], noiseScales: [Double], targets: [Double], targetMean: Double = 0,
    targetScale: Double = 1
  ) throws(PosteriorError) {
    guard !predictions.isEmpty, !targets.isEmpty, predictions.count == noiseScales.count,
      predictions.allSatisfy({ $0.count == targets.count })
    else {
      throw PosteriorError(
        .invalidArgument,
        "a summary needs one σ for each of \(predictions.count) draws and predictions at all \(targets.count) targets")
    }
    let points = targets.indices.map { index in
      Point(
        draws: predictions.map { $0[index] }, noiseScales: noiseScales, target: targets[index],
        targetMean: targetMean, targetScale: targetScale)
    }
    let squares = zip(points, targets).reduce(0) { sum, pair in
      let error = pair.0.mean - targetMean - targetScale * pair.1
      return sum + error * error
    }
    self.points = points
    rootMeanSquareError = (squares / Double(points.count)).squareRoot()
  }
}

extension PredictiveSummary.Point {
  init(draws: [Double], noiseScales: [Double], target: Double, targetMean: Double, targetScale: Double) {
    let count = Double(draws.count)
    let (mean, squares) = meanAndSquares(draws)
    let noise = noiseScales.reduce(0) { $0 + $1 * $1 } / count
    var logSum = -Double.infinity
    var below = 0.0
    for (f, sigma) in zip(draws, noiseScales) {
      logSum = logSumExp(logSum, normalLogDensity(target, mean: f, deviation: sigma))
      below += normalCumulative((target - f) / sigma)
    }
    self.mean = targetMean + targetScale * mean
    aleatoricVariance = targetScale * targetScale * noise
    epistemicVariance = targetScale * targetScale * squares / count
    // A density in units of y is that in standardised units divided by the scale.
    logDensity = logSum - log(count) - log(targetScale)
    cumulative = below / count
  }
}
