import Foundation

/// What a distribution over class probabilities p predicts for each input, with its uncertainty told apart by origin.
///
/// In variance, of the label as a one-hot vector, by the law of total variance: Var y_c = E p_c (1 − p_c), aleatoric,
/// + Var p_c, epistemic, and together p̄_c (1 − p̄_c). In entropy (nats): H[p̄] = E H[p], aleatoric, + the mutual
/// information of label and model, epistemic.
///
/// Sources: Depeweg et al., "Decomposition of uncertainty in Bayesian deep learning", ICML 2018; Houlsby et al., "Bayesian
/// active learning for classification and preference learning", arXiv:1112.5745 (2011), for the mutual information (BALD);
/// Kwon et al., "Uncertainty quantification using Bayesian neural networks in classification", CSDA 142 (2020).
public struct ClassUncertainty: Equatable, Sendable {
  /// Number of inputs.
  public let inputs: Int
  /// Number of classes.
  public let classes: Int
  /// Mean probabilities p̄, [inputs, classes].
  public let probabilities: [Double]
  /// The variance of each class's indicator, [inputs, classes].
  public let variance: UncertaintyParts
  /// Entropies of the label in nats, [inputs]; the epistemic part is the mutual information.
  public let entropy: UncertaintyParts

  /// The variance summed over classes, [inputs]; at most 1 in total.
  public var inputVariance: UncertaintyParts { variance.summed(by: classes) }

  /// Summarises draws of probabilities.
  /// - Throws: `UncertaintyError` if there is no draw.
  public init(_ draws: ProbabilityDraws) throws(UncertaintyError) {
    try require(draws.weight > 0, "there are no draws to summarise: add one with add(_:)")
    (inputs, classes, probabilities) = (draws.inputs, draws.classes, draws.means)
    variance = UncertaintyParts(
      aleatoric: draws.labelVariances.map { $0 / draws.weight }, epistemic: draws.squares.map { $0 / draws.weight })
    let expected = draws.entropies.map { $0 / draws.weight }
    entropy = Self.entropyParts(of: probabilities, classes: classes, expected: expected)
  }

  /// What Dirichlet distributions Dir(α) over the probabilities say, in closed form.
  ///
  /// With S = Σ α: p̄ = α / S, aleatoric p̄ (1 − p̄) S / (S + 1), epistemic p̄ (1 − p̄) / (S + 1), and expected entropy
  /// −Σ p̄_c (ψ(α_c + 1) − ψ(S + 1)).
  ///
  /// Sources: Malinin & Gales, "Predictive uncertainty estimation via prior networks", NeurIPS 2018; Sensoy, Kaplan &
  /// Kandemir, "Evidential deep learning to quantify classification uncertainty", NeurIPS 2018 (α = evidence + 1).
  /// - Parameter concentrations: α > 0, [inputs, classes].
  /// - Throws: `UncertaintyError` if a count does not fit or an α is not positive.
  public init(concentrations: [Double], classes: Int) throws(UncertaintyError) {
    try require(
      classes > 0 && !concentrations.isEmpty && concentrations.count.isMultiple(of: classes),
      "\(concentrations.count) concentrations are not whole rows of \(classes) classes")
    if let wrong = concentrations.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw UncertaintyError(
        .invalidArgument,
        "the concentration of input \(wrong / classes), class \(wrong % classes) is \(concentrations[wrong]): it must be positive"
      )
    }
    inputs = concentrations.count / classes
    self.classes = classes
    var (probabilities, aleatoric, epistemic, expected) = ([Double](), [Double](), [Double](), [Double]())
    for start in stride(from: 0, to: concentrations.count, by: classes) {
      let row = concentrations[start..<(start + classes)]
      let strength = row.reduce(0, +)
      var entropy = 0.0
      for alpha in row {
        let p = alpha / strength
        probabilities.append(p)
        aleatoric.append(p * (1 - p) * strength / (strength + 1))
        epistemic.append(p * (1 - p) / (strength + 1))
        entropy -= p * (digamma(alpha + 1) - digamma(strength + 1))
      }
      expected.append(entropy)
    }
    self.probabilities = probabilities
    variance = UncertaintyParts(aleatoric: aleatoric, epistemic: epistemic)
    entropy = Self.entropyParts(of: probabilities, classes: classes, expected: expected)
  }

  private static func entropyParts(
    of probabilities: [Double], classes: Int, expected: [Double]
  ) -> UncertaintyParts {
    let information = expected.indices.map { input in
      let row = probabilities[(input * classes)..<((input + 1) * classes)]
      // Never negative (Jensen), but for rounding.
      return max(0, row.reduce(0) { $0 + entropyTerm($1) } - expected[input])
    }
    return UncertaintyParts(aleatoric: expected, epistemic: information)
  }
}

extension ClassUncertainty {
  /// The uncertainty of the inputs of one true label.
  public struct OfLabel: Equatable, Sendable {
    /// The true label.
    public let label: Int
    /// How many inputs have it.
    public let count: Int
    /// Their variances summed over classes.
    public let variance: UncertaintyParts
    /// Their entropies in nats.
    public let entropy: UncertaintyParts
  }

  /// Uncertainties gathered by true label, one entry a class; their means are `variance.mean` and `entropy.mean`.
  /// - Throws: `UncertaintyError` if there is not one label an input, or a label is no class.
  public func byLabel(_ labels: [Int]) throws(UncertaintyError) -> [OfLabel] {
    try requireLabels(labels, inputs: inputs, classes: classes)
    let variance = inputVariance
    return (0..<classes).map { label in
      let indices = labels.indices.filter { labels[$0] == label }
      return OfLabel(
        label: label, count: indices.count, variance: variance.entries(indices), entropy: entropy.entries(indices))
    }
  }
}

/// Refuses labels that do not fit inputs and classes.
func requireLabels(_ labels: [Int], inputs: Int, classes: Int) throws(UncertaintyError) {
  try require(labels.count == inputs, "\(labels.count) labels do not fit \(inputs) inputs: give one an input")
  if let wrong = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
    throw UncertaintyError(
      .invalidArgument, "the label of input \(wrong) is \(labels[wrong]), but classes are 0 to \(classes - 1)")
  }
}
