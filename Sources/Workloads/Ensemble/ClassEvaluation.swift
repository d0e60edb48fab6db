import Formats
import Foundation
import Runtime
import Specification
import Tensors
import Uncertainty

/// What an ensemble says of pictures: its scores, its uncertainty, and the pictures that stand out.
struct ClassEvaluation {
  private let ensemble: EnsembleSpecification.Ensemble
  private let set: LearningSet
  private let members: MemberFiles
  private let judged: [(name: String, examples: Examples)]
  /// Sets whose training inputs other ensembles ask about.
  private let guided: [String]
  private let labels: [Int]
  private let uncertainty: ClassUncertainty
  private let predictions: LabelledPredictions
  /// Pictures of either kind that are shown.
  private static let extremesMax = 12
  private static let bins = 15

  init(
    _ ensemble: EnsembleSpecification.Ensemble, _ set: LearningSet, _ files: MemberFiles, classes: Int,
    judged: [(name: String, examples: Examples)], guided: [String]
  ) throws {
    (self.ensemble, self.set, members, self.judged, self.guided) = (ensemble, set, files, judged, guided)
    labels = set.test.labels
    uncertainty = try files.classUncertainty(of: "test", inputs: labels.count, classes: classes)
    predictions = try LabelledPredictions(
      probabilities: uncertainty.probabilities, classes: classes, labels: labels)
  }

  /// `evaluation.json`, a table of all inputs, and the pictures that stand out.
  func files() throws -> [String: [UInt8]] {
    let extremes = extremes
    let parameters = try ensemble.parameterCount(set)
    let result = EnsembleResult(
      name: ensemble.name, data: ensemble.data, network: ensemble.network.name, method: ensemble.method.name,
      parameters: parameters, members: ensemble.method.members, functions: members.functionCount, inputs: labels.count,
      classes: try scores(), variance: .init(uncertainty.inputVariance), entropy: .init(uncertainty.entropy),
      spread: spread(uncertainty.entropy), unknown: try unknown(), shifted: try shifted(),
      extremes: extremes.map(\.entry),
      logEvidence: members.members(split: 0)[0].logEvidence)
    var made = [
      ensemble.file(EnsembleResult.fileName): try result.json(), ensemble.file("predictions.csv"): Array(table.utf8),
    ]
    var validation: LabelledPredictions?
    if let part = set.validation {
      let found = try members.classUncertainty(of: "validation", inputs: part.count, classes: uncertainty.classes)
      validation = try LabelledPredictions(
        probabilities: found.probabilities, classes: found.classes, labels: part.labels)
    }
    made[ensemble.file(MeanPredictions.fileName)] = try MeanPredictions(test: predictions, validation: validation)
      .file().encoded()
    if let guidance = try guidance() { made[ensemble.file(Guidance.fileName)] = try guidance.file().encoded() }
    for (input, entry) in extremes {
      if let picture = try set.test.picture(at: input) { made[ensemble.file(entry.picture)] = try picture.png() }
    }
    return made
  }

  private func scores() throws -> EnsembleResult.ClassScores {
    let reliability = try ReliabilityDiagram(predictions, bins: .equalWidth(Self.bins))
    let adaptive = try ReliabilityDiagram(predictions, bins: .equalMass(Self.bins))
    let selective = try predictions.selective
    return EnsembleResult.ClassScores(
      accuracy: predictions.accuracy, accuracyError: predictions.accuracyError,
      negativeLogLikelihood: predictions.negativeLogLikelihood, brier: predictions.brierScore,
      calibrationError: reliability.expectedCalibrationError,
      adaptiveCalibrationError: adaptive.expectedCalibrationError,
      reliability: reliability.bins.map {
        .init(
          lower: $0.range.lowerBound, upper: $0.range.upperBound, count: $0.count,
          confidence: $0.count > 0 ? $0.confidence : 0, accuracy: $0.count > 0 ? $0.accuracy : 0)
      },
      riskByCoverage: try (1...20).map { try selective.risk(atCoverage: Double($0) / 20) }, byClass: try byClass())
  }

  private func byClass() throws -> [EnsembleResult.OfClass] {
    try uncertainty.byLabel(labels).filter { $0.count > 0 }.map { one in
      let right = labels.indices.count { labels[$0] == one.label && predictions.predictions[$0] == one.label }
      return EnsembleResult.OfClass(
        name: set.className(one.label), count: one.count, accuracy: Double(right) / Double(one.count),
        entropy: .init(one.entropy))
    }
  }

  private func unknown() throws -> [EnsembleResult.UnknownScores] {
    try judged.filter { ensemble.unknown.contains($0.name) }.map { name, examples in
      let other = try members.classUncertainty(of: name, inputs: examples.count, classes: uncertainty.classes)
      return EnsembleResult.UnknownScores(
        name: name, inputs: examples.count,
        total: try .init(inside: uncertainty.entropy.total, outside: other.entropy.total),
        epistemic: try .init(inside: uncertainty.entropy.epistemic, outside: other.entropy.epistemic),
        entropy: .init(other.entropy), spread: spread(other.entropy))
    }
  }

  private func shifted() throws -> [EnsembleResult.ShiftedScores]? {
    guard !ensemble.shifted.isEmpty else { return nil }
    return try judged.filter { ensemble.shifted.contains($0.name) }.map { name, examples in
      let other = try members.classUncertainty(of: name, inputs: examples.count, classes: uncertainty.classes)
      let found = try LabelledPredictions(
        probabilities: other.probabilities, classes: other.classes, labels: examples.labels)
      return EnsembleResult.ShiftedScores(
        name: name, inputs: examples.count, accuracy: found.accuracy, accuracyError: found.accuracyError,
        negativeLogLikelihood: found.negativeLogLikelihood, brier: found.brierScore,
        calibrationError: try ReliabilityDiagram(found, bins: .equalWidth(Self.bins)).expectedCalibrationError,
        entropy: .init(other.entropy), spread: spread(other.entropy))
    }
  }

  /// What others want to know; nil if nobody asks.
  private func guidance() throws -> Guidance? {
    guard !guided.isEmpty else { return nil }
    var guidance = Guidance()
    for name in guided {
      guard let (part, examples) = judged.first(where: { $0.name == Guidance.part(of: name) }) else { continue }
      guidance.add(
        try members.classUncertainty(of: part, inputs: examples.count, classes: uncertainty.classes), of: name)
    }
    return guidance
  }

  /// Inputs by their entropy, which is at most the logarithm of the number of classes.
  private func spread(_ entropy: UncertaintyParts) -> EnsembleResult.UncertaintySpread {
    .init(
      total: entropy.total, aleatoric: entropy.aleatoric, epistemic: entropy.epistemic,
      end: log(Double(uncertainty.classes)))
  }

  /// The inputs of least and of most epistemic uncertainty; of equal ones the first.
  private var extremes: [(input: Int, entry: EnsembleResult.ExtremeInput)] {
    let (epistemic, total) = (uncertainty.entropy.epistemic, uncertainty.entropy.total)
    let order = labels.indices.sorted { (epistemic[$0], $0) < (epistemic[$1], $1) }
    let count = min(Self.extremesMax, order.count / 2)
    return (order.prefix(count) + order.suffix(count)).map { input in
      (
        input,
        EnsembleResult.ExtremeInput(
          input: input, picture: "pictures/\(input).png", label: set.className(labels[input]),
          predicted: set.className(predictions.predictions[input]), total: total[input], epistemic: epistemic[input])
      )
    }
  }

  /// A line for each input.
  private var table: String {
    let (variance, entropy) = (uncertainty.inputVariance, uncertainty.entropy)
    let header = """
      input,label,predicted,confidence,total_variance,aleatoric_variance,epistemic_variance,total_entropy,\
      aleatoric_entropy,epistemic_entropy\n
      """
    return header
      + labels.indices.map { input in
        """
        \(input),\(labels[input]),\(predictions.predictions[input]),\(predictions.confidences[input]),\
        \(variance.total[input]),\(variance.aleatoric[input]),\(variance.epistemic[input]),\(entropy.total[input]),\
        \(entropy.aleatoric[input]),\(entropy.epistemic[input])\n
        """
      }.joined()
  }
}

extension LabelledPredictions {
  /// Standard error of the accuracy, by the number of inputs.
  fileprivate var accuracyError: Double { (accuracy * (1 - accuracy) / Double(labels.count)).squareRoot() }
}

extension EnsembleResult.UncertaintyMeans {
  init(_ parts: UncertaintyParts) {
    let mean = parts.mean
    self.init(total: mean.total, aleatoric: mean.aleatoric, epistemic: mean.epistemic)
  }
}

extension EnsembleResult.UncertaintySpread {
  private static let bins = 40

  /// Counts uncertainties of inputs; those beyond the end belong to the last bin.
  init(total: [Double], aleatoric: [Double], epistemic: [Double], end: Double) {
    func counts(_ values: [Double]) -> [Int] {
      values.reduce(into: [Int](repeating: 0, count: Self.bins)) { counts, value in
        let share = min(max(value / end, 0), 1)
        counts[min(Self.bins - 1, Int(share * Double(Self.bins)))] += 1
      }
    }
    self.init(end: end, total: counts(total), aleatoric: counts(aleatoric), epistemic: counts(epistemic))
  }
}

extension EnsembleResult.Detection {
  fileprivate init(inside: [Double], outside: [Double]) throws {
    let found = try OutlierDetection(inside: inside, outside: outside)
    self.init(
      areaUnderROC: found.areaUnderROC, averagePrecision: found.averagePrecisionOutside,
      falsePositivesAt95: found.falsePositiveRateAt95)
  }
}
