import Foundation

/// Predicted class probabilities beside the labels that came true, and how well they did.
public struct LabelledPredictions: Equatable, Sendable {
  /// Number of classes.
  public let classes: Int
  /// [inputs, classes].
  public let probabilities: [Double]
  /// The true class of every input.
  public let labels: [Int]
  /// The most probable class of every input; the first among equals.
  public let predictions: [Int]

  /// The smallest probability that the log score sees: the smallest normal 32-bit number.
  public static let probabilityMin = Double(Float.leastNormalMagnitude)

  /// Pairs predictions with labels.
  /// - Parameter probabilities: [inputs, classes]; a row sums to 1.
  /// - Throws: `UncertaintyError` if counts do not fit, a row is no distribution or a label is no class.
  public init(probabilities: [Double], classes: Int, labels: [Int]) throws(UncertaintyError) {
    try require(
      classes > 0 && !labels.isEmpty && probabilities.count.isMultiple(of: max(classes, 1)),
      "\(probabilities.count) probabilities are not rows of \(classes) classes for \(labels.count) labels")
    try requireLabels(labels, inputs: probabilities.count / classes, classes: classes)
    try requireDistributions(probabilities, classes: classes)
    (self.probabilities, self.classes, self.labels) = (probabilities, classes, labels)
    predictions = labels.indices.map { input in
      let row = probabilities[(input * classes)..<((input + 1) * classes)]
      return row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
    }
  }

  /// The probability of the predicted class of every input.
  public var confidences: [Double] { predictions.enumerated().map { probabilities[$0 * classes + $1] } }

  /// The probability of the true class of every input.
  public var labelProbabilities: [Double] { labels.enumerated().map { probabilities[$0 * classes + $1] } }

  /// Whether the predicted class is the true one, for every input.
  public var isCorrect: [Bool] { zip(predictions, labels).map(==) }

  /// The share of inputs whose predicted class is the true one.
  public var accuracy: Double { Double(isCorrect.count { $0 }) / Double(labels.count) }

  /// Mean −log p of the true class, in nats; a probability below `probabilityMin` counts as that.
  public var negativeLogLikelihood: Double {
    -labelProbabilities.reduce(0) { $0 + log(max($1, Self.probabilityMin)) } / Double(labels.count)
  }

  /// Mean Σ_c (p_c − y_c)², between 0 and 2 (Brier 1950).
  public var brierScore: Double {
    let squares = probabilities.reduce(0) { $0 + $1 * $1 }
    return (squares + labelProbabilities.reduce(0) { $0 + 1 - 2 * $1 }) / Double(labels.count)
  }

  /// The predictions as decisions that may be refused, those of least confidence first.
  public var selective: SelectivePrediction {
    get throws(UncertaintyError) {
      try SelectivePrediction(uncertainties: confidences.map { -$0 }, losses: isCorrect.map { $0 ? 0 : 1 })
    }
  }
}
