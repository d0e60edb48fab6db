/// What one ensemble predicts of inputs it has not learnt from, how well, and how sure it is: the content of
/// `ensembles/<name>/evaluation.json`.
public struct EnsembleResult: Codable, Equatable, Sendable {
  /// Name of the ensemble.
  public var name: String
  /// Name of the data it learnt from.
  public var data: String
  /// The network in a few words, such as `lenet5`.
  public var network: String
  /// How there come to be several functions, such as `deep`.
  public var method: String
  /// Numbers that each member learns.
  public var parameters: Int
  /// Members that were trained, on each division of the data.
  public var members: Int
  /// Functions that predict: the draws of all members.
  public var functions: Int
  /// Inputs it is judged by, over all divisions of the data.
  public var inputs: Int
  /// For data with classes.
  public var classes: ClassScores?
  /// For data with numbers to predict.
  public var numbers: NumberScores?
  /// Mean uncertainty of an input, as variance: of the label as a one-hot vector, summed over classes, or of the number in its
  /// unit.
  public var variance: UncertaintyMeans
  /// Mean uncertainty of a label, as entropy in nats; nil for numbers.
  public var entropy: UncertaintyMeans?
  /// How the inputs' uncertainties are spread; of the entropy, or of the variance for numbers.
  public var spread: UncertaintySpread
  /// Sets that it should know nothing of.
  public var unknown: [UnknownScores]
  /// Sets of the same classes from other domains; nil if the job names none.
  public var shifted: [ShiftedScores]?
  /// The inputs of least and of most epistemic uncertainty; empty for tables.
  public var extremes: [ExtremeInput]
  /// Logarithm of the probability, or density, of the training data under the network, by Laplace's method; the mean over the
  /// divisions of the data; nil for other methods.
  public var logEvidence: Double?

  public init(
    name: String, data: String, network: String, method: String, parameters: Int, members: Int, functions: Int,
    inputs: Int, classes: ClassScores? = nil, numbers: NumberScores? = nil, variance: UncertaintyMeans,
    entropy: UncertaintyMeans? = nil, spread: UncertaintySpread, unknown: [UnknownScores] = [],
    shifted: [ShiftedScores]? = nil, extremes: [ExtremeInput] = [], logEvidence: Double? = nil
  ) {
    (self.name, self.data, self.network, self.method) = (name, data, network, method)
    (self.parameters, self.members, self.functions, self.inputs) = (parameters, members, functions, inputs)
    (self.classes, self.numbers, self.variance, self.entropy) = (classes, numbers, variance, entropy)
    (self.spread, self.unknown, self.shifted) = (spread, unknown, shifted)
    (self.extremes, self.logEvidence) = (extremes, logEvidence)
  }
}

extension EnsembleResult {
  /// A mean told apart by its origin: total = aleatoric + epistemic.
  public struct UncertaintyMeans: Codable, Equatable, Sendable {
    public var total: Double
    public var aleatoric: Double
    public var epistemic: Double

    public init(total: Double, aleatoric: Double, epistemic: Double) {
      (self.total, self.aleatoric, self.epistemic) = (total, aleatoric, epistemic)
    }
  }

  /// Inputs counted by their uncertainty, in bins of equal width from 0 to `end`.
  public struct UncertaintySpread: Codable, Equatable, Sendable {
    public var end: Double
    public var total: [Int]
    public var aleatoric: [Int]
    public var epistemic: [Int]

    public init(end: Double, total: [Int], aleatoric: [Int], epistemic: [Int]) {
      (self.end, self.total, self.aleatoric, self.epistemic) = (end, total, aleatoric, epistemic)
    }
  }

  /// How well classes are predicted.
  public struct ClassScores: Codable, Equatable, Sendable {
    public var accuracy: Double
    /// Standard error of the accuracy, by the number of inputs.
    public var accuracyError: Double
    /// Mean −log p of the true class, in nats.
    public var negativeLogLikelihood: Double
    /// Mean squared distance of probabilities from the one-hot label, 0…2.
    public var brier: Double
    /// Mean gap of confidence and accuracy over 15 bins of equal width, and of equal numbers of inputs.
    public var calibrationError: Double
    public var adaptiveCalibrationError: Double
    /// Confidence and accuracy, bin by bin.
    public var reliability: [ReliabilityBin]
    /// Share of wrong classes among the inputs that are kept when the least confident are refused, for coverage 5 %, 10 %, … 100 %.
    public var riskByCoverage: [Double]
    /// The classes one by one.
    public var byClass: [OfClass]

    public init(
      accuracy: Double, accuracyError: Double, negativeLogLikelihood: Double, brier: Double, calibrationError: Double,
      adaptiveCalibrationError: Double, reliability: [ReliabilityBin], riskByCoverage: [Double], byClass: [OfClass]
    ) {
      (self.accuracy, self.accuracyError) = (accuracy, accuracyError)
      (self.negativeLogLikelihood, self.brier) = (negativeLogLikelihood, brier)
      (self.calibrationError, self.adaptiveCalibrationError) = (calibrationError, adaptiveCalibrationError)
      (self.reliability, self.riskByCoverage, self.byClass) = (reliability, riskByCoverage, byClass)
    }
  }

  /// Inputs of like confidence.
  public struct ReliabilityBin: Codable, Equatable, Sendable {
    public var lower: Double
    public var upper: Double
    public var count: Int
    /// Mean probability of the predicted class; 0 if there is no input.
    public var confidence: Double
    /// Share whose predicted class is right.
    public var accuracy: Double

    public init(lower: Double, upper: Double, count: Int, confidence: Double, accuracy: Double) {
      (self.lower, self.upper, self.count, self.confidence, self.accuracy) = (lower, upper, count, confidence, accuracy)
    }
  }

  /// Inputs of one true class.
  public struct OfClass: Codable, Equatable, Sendable {
    public var name: String
    public var count: Int
    public var accuracy: Double
    public var entropy: UncertaintyMeans

    public init(name: String, count: Int, accuracy: Double, entropy: UncertaintyMeans) {
      (self.name, self.count, self.accuracy, self.entropy) = (name, count, accuracy, entropy)
    }
  }

  /// How well numbers are predicted, in their unit: means over the divisions of the data, with standard errors (0 for one
  /// division).
  public struct NumberScores: Codable, Equatable, Sendable {
    public var divisions: Int
    public var rmse: Double
    public var rmseError: Double
    /// Mean −log predictive density, in nats.
    public var negativeLogLikelihood: Double
    public var negativeLogLikelihoodError: Double
    /// Share of targets within the central 90 % intervals.
    public var coverage: Double

    public init(
      divisions: Int, rmse: Double, rmseError: Double, negativeLogLikelihood: Double,
      negativeLogLikelihoodError: Double, coverage: Double
    ) {
      (self.divisions, self.rmse, self.rmseError) = (divisions, rmse, rmseError)
      self.negativeLogLikelihood = negativeLogLikelihood
      (self.negativeLogLikelihoodError, self.coverage) = (negativeLogLikelihoodError, coverage)
    }
  }

  /// How well a set is told apart from what the ensemble knows, by its uncertainty.
  public struct UnknownScores: Codable, Equatable, Sendable {
    /// Name of the set.
    public var name: String
    public var inputs: Int
    /// With the total entropy as score.
    public var total: Detection
    /// With the mutual information of label and function.
    public var epistemic: Detection
    /// Mean entropies of the set.
    public var entropy: UncertaintyMeans
    public var spread: UncertaintySpread

    public init(
      name: String, inputs: Int, total: Detection, epistemic: Detection, entropy: UncertaintyMeans,
      spread: UncertaintySpread
    ) {
      (self.name, self.inputs, self.total, self.epistemic) = (name, inputs, total, epistemic)
      (self.entropy, self.spread) = (entropy, spread)
    }
  }

  /// How well a score tells unknown inputs from known ones.
  public struct Detection: Codable, Equatable, Sendable {
    /// Area under the receiver operating characteristic; 0.5 is chance.
    public var areaUnderROC: Double
    /// Average precision of finding unknown inputs.
    public var averagePrecision: Double
    /// Share of known inputs that are refused when 95 % of the unknown ones are.
    public var falsePositivesAt95: Double

    public init(areaUnderROC: Double, averagePrecision: Double, falsePositivesAt95: Double) {
      (self.areaUnderROC, self.averagePrecision) = (areaUnderROC, averagePrecision)
      self.falsePositivesAt95 = falsePositivesAt95
    }
  }

  /// An input that stands out.
  public struct ExtremeInput: Codable, Equatable, Sendable {
    /// Number of the input in the test part.
    public var input: Int
    /// The picture, a PNG in the ensemble's folder.
    public var picture: String
    public var label: String
    public var predicted: String
    public var total: Double
    public var epistemic: Double

    public init(
      input: Int, picture: String, label: String, predicted: String, total: Double, epistemic: Double
    ) {
      (self.input, self.picture, self.label, self.predicted) = (input, picture, label, predicted)
      (self.total, self.epistemic) = (total, epistemic)
    }
  }
}

extension EnsembleResult: SummaryFile {
  /// Name of the file in the ensemble's folder.
  public static let fileName = "evaluation.json"
}

/// All ensembles of a job beside each other: the content of `comparison.json`.
public struct EnsembleComparison: SummaryFile, Equatable, Sendable {
  /// The ensembles in the order of the job.
  public var ensembles: [EnsembleResult]
  /// What they predict together, for each set of data that several learnt from.
  public var fusions: [Fusion]

  /// Several ensembles joined.
  public struct Fusion: Codable, Equatable, Sendable {
    /// Name of the data.
    public var data: String
    /// How weights were found: `equal`, `stacking` or `evidence`.
    public var rule: String
    /// The weight of each ensemble, by name, in the order of the job.
    public var weights: [Weight]
    public var accuracy: Double
    public var negativeLogLikelihood: Double

    public init(data: String, rule: String, weights: [Weight], accuracy: Double, negativeLogLikelihood: Double) {
      (self.data, self.rule, self.weights) = (data, rule, weights)
      (self.accuracy, self.negativeLogLikelihood) = (accuracy, negativeLogLikelihood)
    }
  }

  /// What one ensemble counts.
  public struct Weight: Codable, Equatable, Sendable {
    public var ensemble: String
    public var weight: Double

    public init(ensemble: String, weight: Double) { (self.ensemble, self.weight) = (ensemble, weight) }
  }

  public init(ensembles: [EnsembleResult], fusions: [Fusion] = []) {
    (self.ensembles, self.fusions) = (ensembles, fusions)
  }

  /// Name of the file in the job's folder.
  public static let fileName = "comparison.json"
}
