import Foundation

/// Draws of class probabilities, taken in one after the other; what is kept does not grow with their number.
///
/// A draw is what one posterior sample, one member of an ensemble or one pass with dropout predicts for all inputs. Weights
/// make it a mixture of models, such as in Bayesian model averaging.
///
/// Source: West, "Updating mean and variance estimates: an improved method", CACM 22 (1979), for the weighted moments.
public struct ProbabilityDraws: Equatable, Sendable {
  /// Number of inputs.
  public let inputs: Int
  /// Number of classes.
  public let classes: Int
  /// Sum of the draws' weights: their number, where none were told.
  public private(set) var weight = 0.0
  /// Mean probabilities, [inputs, classes].
  public private(set) var means: [Double]
  /// Weighted sums of squared deviations from the mean, [inputs, classes].
  private(set) var squares: [Double]
  /// Weighted sums of p (1 − p), [inputs, classes].
  private(set) var labelVariances: [Double]
  /// Weighted sums of the draws' entropies, [inputs].
  private(set) var entropies: [Double]

  /// Begins without draws.
  /// - Throws: `UncertaintyError` if there are no inputs or no classes.
  public init(inputs: Int, classes: Int) throws(UncertaintyError) {
    try require(inputs > 0 && classes > 0, "draws need inputs and classes, not \(inputs) and \(classes)")
    (self.inputs, self.classes) = (inputs, classes)
    means = [Double](repeating: 0, count: inputs * classes)
    (squares, labelVariances) = (means, means)
    entropies = [Double](repeating: 0, count: inputs)
  }

  /// Takes in a draw.
  /// - Parameters:
  ///   - probabilities: [inputs, classes]; a row sums to 1.
  ///   - weight: how much it counts, beside the other draws.
  /// - Throws: `UncertaintyError` if the count does not fit, a row is no distribution, or the weight is negative.
  public mutating func add(_ probabilities: [Double], weight: Double = 1) throws(UncertaintyError) {
    try require(
      probabilities.count == inputs * classes,
      "a draw of \(probabilities.count) probabilities does not fit \(inputs) inputs of \(classes) classes")
    try require(weight >= 0 && weight.isFinite, "the weight of a draw must not be negative, but is \(weight)")
    try requireDistributions(probabilities, classes: classes)
    guard weight > 0 else { return }
    self.weight += weight
    let share = weight / self.weight
    for index in probabilities.indices {
      let p = probabilities[index]
      let delta = p - means[index]
      means[index] += share * delta
      squares[index] += weight * delta * (p - means[index])
      labelVariances[index] += weight * p * (1 - p)
      entropies[index / classes] += weight * entropyTerm(p)
    }
  }

  /// Takes in a draw of 32-bit numbers.
  /// - Throws: `UncertaintyError` as for 64-bit numbers.
  public mutating func add(_ probabilities: [Float], weight: Double = 1) throws(UncertaintyError) {
    try add(probabilities.map(Double.init), weight: weight)
  }
}

/// Refuses rows that are no distributions over classes. What softmax rounds off in 16 bits is let through.
func requireDistributions(_ probabilities: [Double], classes: Int) throws(UncertaintyError) {
  for start in stride(from: 0, to: probabilities.count, by: classes) {
    var sum = 0.0
    var smallest = Double.infinity
    for p in probabilities[start..<(start + classes)] {
      sum += p
      smallest = min(smallest, p)
    }
    guard smallest >= 0, abs(sum - 1) < 5e-3 else {
      throw UncertaintyError(
        .invalidArgument,
        "the probabilities of input \(start / classes) sum to \(sum), the smallest being \(smallest): they must be a distribution; are they logits?"
      )
    }
  }
}
