extension EnsembleResult {
  /// How well classes are predicted in a set from another domain, and how sure of them the ensemble is there.
  public struct ShiftedScores: Codable, Equatable, Sendable {
    /// Name of the set.
    public var name: String
    public var inputs: Int
    public var accuracy: Double
    /// Standard error of the accuracy, by the number of inputs.
    public var accuracyError: Double
    /// Mean −log p of the true class, in nats.
    public var negativeLogLikelihood: Double
    /// Mean squared distance of probabilities from the one-hot label, 0…2.
    public var brier: Double
    /// Mean gap of confidence and accuracy over 15 bins of equal width.
    public var calibrationError: Double
    /// Mean entropies of the set.
    public var entropy: UncertaintyMeans
    public var spread: UncertaintySpread

    public init(
      name: String, inputs: Int, accuracy: Double, accuracyError: Double, negativeLogLikelihood: Double, brier: Double,
      calibrationError: Double, entropy: UncertaintyMeans, spread: UncertaintySpread
    ) {
      (self.name, self.inputs, self.accuracy, self.accuracyError) = (name, inputs, accuracy, accuracyError)
      (self.negativeLogLikelihood, self.brier, self.calibrationError) = (negativeLogLikelihood, brier, calibrationError)
      (self.entropy, self.spread) = (entropy, spread)
    }
  }

  /// The set that the ensemble has learnt from and those from other domains, to be put beside each other; empty without the latter.
  public var domains: [ShiftedScores] {
    guard let shifted, let classes, let entropy else { return [] }
    let own = ShiftedScores(
      name: data, inputs: inputs, accuracy: classes.accuracy, accuracyError: classes.accuracyError,
      negativeLogLikelihood: classes.negativeLogLikelihood, brier: classes.brier,
      calibrationError: classes.calibrationError, entropy: entropy, spread: spread)
    return [own] + shifted
  }
}

extension EnsembleResult.ClassScores {
  /// Mean of the classes' accuracies, in which a rare class counts as much as a frequent one.
  public var balancedAccuracy: Double { byClass.reduce(0) { $0 + $1.accuracy } / Double(max(byClass.count, 1)) }
}
