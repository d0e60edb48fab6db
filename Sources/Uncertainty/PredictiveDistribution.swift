/// What is predicted of one real target, with its variance told apart by origin.
public protocol PredictiveDistribution: Sendable {
  /// The mean of the target.
  var mean: Double { get }
  /// The part of its variance that is noise.
  var aleatoricVariance: Double { get }
  /// The part of its variance that more data would remove.
  var epistemicVariance: Double { get }

  /// The logarithm of the density.
  func logDensity(at target: Double) -> Double

  /// The probability of a target below `target`.
  func cumulative(at target: Double) -> Double
}

extension GaussianMixture: PredictiveDistribution {}
extension NormalInverseGamma: PredictiveDistribution {}

/// A normal target whose mean is normal, too: y ~ N(f, noise), f ~ N(mean, function), so that y ~ N(mean, noise + function).
public struct NormalPrediction: PredictiveDistribution, Equatable {
  public let mean: Double
  public let aleatoricVariance: Double
  public let epistemicVariance: Double

  /// Makes a prediction.
  /// - Throws: `UncertaintyError` unless the noise is positive and the function's variance is not negative.
  public init(mean: Double, aleatoricVariance: Double, epistemicVariance: Double) throws(UncertaintyError) {
    try require(
      aleatoricVariance > 0 && epistemicVariance >= 0,
      "a normal prediction needs noise and a variance of the function, not \(aleatoricVariance) and \(epistemicVariance)"
    )
    (self.mean, self.aleatoricVariance) = (mean, aleatoricVariance)
    self.epistemicVariance = epistemicVariance
  }

  private var deviation: Double { (aleatoricVariance + epistemicVariance).squareRoot() }

  public func logDensity(at target: Double) -> Double { normalLogDensity(target, mean: mean, deviation: deviation) }

  public func cumulative(at target: Double) -> Double { normalCumulative((target - mean) / deviation) }
}
