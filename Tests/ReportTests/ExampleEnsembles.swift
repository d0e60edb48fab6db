import Formats
import Foundation
import Specification
import TestSupport

/// A folder of ensembles as a job leaves it: two on pictures with an unknown set, one on numbers.
enum ExampleEnsembles {
  /// A class whose name would be an element, were it not escaped.
  static let hostileClass = "<script>alert('1')</script> & \"boot\""
  private static let entropyEnd = 2.3

  static var comparison: EnsembleComparison {
    let lenet = classifier("lenet-deep", method: "deep", members: 5, accuracy: 0.913, epistemic: 0.08)
    let single = classifier("lenet-single", method: "single", members: 1, accuracy: 0.898, epistemic: 0)
    let weights = [("lenet-deep", 0.8125), ("lenet-single", 0.1875)]
    return EnsembleComparison(
      ensembles: [lenet, single, regression],
      fusions: [
        EnsembleComparison.Fusion(
          data: "clothes", rule: "stacking",
          weights: weights.map { EnsembleComparison.Weight(ensemble: $0, weight: $1) },
          accuracy: 0.914, negativeLogLikelihood: 0.244)
      ])
  }

  static let yaml = """
    kind: ensemble
    seed: 3
    data:
      - {name: clothes, images: clothes, channels: 1, resolution: 28, validation: 0.1, test: {images: clothes-test}}
      - {name: digits, images: digits, channels: 1, resolution: 28, validation: 0.1, test: {images: digits-test}}
      - {name: emoji, images: emoji, channels: 1, resolution: 28, validation: 0.1, test: {images: emoji-test}}
      - {name: yacht, set: yacht, splits: 20, validation: 0.1}
    ensembles:
      - {name: lenet-deep, data: clothes, network: {type: lenet5}, method: {type: deep, members: 5}, unknown: [digits]}
      - {name: lenet-single, data: clothes, network: {type: lenet5}, unknown: [digits, emoji]}
      - {name: yacht, data: yacht, network: {type: mlp, hidden: [50]}, method: {type: deep, members: 2}}
    fusion: stacking

    """

  /// Writes the job's folder below a store.
  static func write(to store: String, job: String = "clothes", yaml: String = Self.yaml) throws {
    let folder = "\(store)/jobs/\(job)"
    try write(Array(yaml.utf8), "\(folder)/job.yaml")
    try write(try comparison.json(), "\(folder)/\(EnsembleComparison.fileName)")
    for result in comparison.ensembles {
      try write(try result.json(), "\(folder)/ensembles/\(result.name)/\(EnsembleResult.fileName)")
      for (number, input) in result.extremes.enumerated() {
        try write(try picture(number).png(), "\(folder)/ensembles/\(result.name)/\(input.picture)")
      }
      for member in 0..<result.members {
        let lines = metrics(member).map { $0 + "\n" }.joined()
        try write(Array(lines.utf8), "\(folder)/ensembles/\(result.name)/members/\(member)/metrics.jsonl")
      }
    }
  }

  static func write(_ bytes: [UInt8], _ path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  private static func classifier(
    _ name: String, method: String, members: Int, accuracy: Double, epistemic: Double
  ) -> EnsembleResult {
    let entropy = EnsembleResult.UncertaintyMeans(total: 0.3 + epistemic, aleatoric: 0.3, epistemic: epistemic)
    let far = EnsembleResult.UncertaintyMeans(total: 0.9 + 4 * epistemic, aleatoric: 0.9, epistemic: 4 * epistemic)
    let detection = EnsembleResult.Detection(
      areaUnderROC: 0.86 + epistemic, averagePrecision: 0.84, falsePositivesAt95: 0.41)
    return EnsembleResult(
      name: name, data: "clothes", network: "lenet5", method: method, parameters: 61_706, members: members,
      functions: members, inputs: 10_000, classes: scores(accuracy, entropy),
      variance: EnsembleResult.UncertaintyMeans(total: 0.15 + epistemic / 4, aleatoric: 0.15, epistemic: epistemic / 4),
      entropy: entropy, spread: spread(of: 10_000, entropy),
      unknown: ["digits", "emoji"].map { set in
        EnsembleResult.UnknownScores(
          name: set, inputs: 5_000, total: detection, epistemic: detection, entropy: far, spread: spread(of: 5_000, far)
        )
      },
      shifted: [
        EnsembleResult.ShiftedScores(
          name: "turned", inputs: 5_000, accuracy: accuracy - 0.2, accuracyError: 0.0061, negativeLogLikelihood: 0.91,
          brier: 0.4, calibrationError: 0.077, entropy: far, spread: spread(of: 5_000, far))
      ], extremes: extremes)
  }

  private static func scores(
    _ accuracy: Double, _ entropy: EnsembleResult.UncertaintyMeans
  ) -> EnsembleResult.ClassScores {
    let bins = (0..<15).map { bin -> EnsembleResult.ReliabilityBin in
      let (lower, upper) = (Double(bin) / 15, Double(bin + 1) / 15)
      let isEmpty = bin < 2
      return EnsembleResult.ReliabilityBin(
        lower: lower, upper: upper, count: isEmpty ? 0 : 40 * bin * bin, confidence: isEmpty ? 0 : (lower + upper) / 2,
        accuracy: isEmpty ? 0 : (lower + upper) / 2 - 0.06 * (1 - lower))
    }
    let names = ["T-shirt", "trousers", "pullover", hostileClass, "coat"]
    return EnsembleResult.ClassScores(
      accuracy: accuracy, accuracyError: 0.0028, negativeLogLikelihood: 0.25, brier: 0.128, calibrationError: 0.0123,
      adaptiveCalibrationError: 0.0119, reliability: bins,
      riskByCoverage: (1...20).map { (1 - accuracy) * pow(Double($0) / 20, 3) },
      byClass: names.enumerated().map { number, name in
        EnsembleResult.OfClass(name: name, count: 1000, accuracy: 0.99 - 0.03 * Double(number), entropy: entropy)
      })
  }

  /// Inputs whose uncertainties fall off exponentially.
  private static func spread(
    of inputs: Int, _ means: EnsembleResult.UncertaintyMeans
  ) -> EnsembleResult.UncertaintySpread {
    func counts(_ mean: Double) -> [Int] {
      let shares = (0..<30).map { exp(-Double($0) * entropyEnd / 30 / max(mean, 0.01)) }
      let sum = shares.reduce(0, +)
      return shares.map { Int((Double(inputs) * $0 / sum).rounded()) }
    }
    return EnsembleResult.UncertaintySpread(
      end: entropyEnd, total: counts(means.total), aleatoric: counts(means.aleatoric),
      epistemic: counts(means.epistemic))
  }

  private static var extremes: [EnsembleResult.ExtremeInput] {
    (0..<8).map { number in
      let isSure = number < 4
      let epistemic = Double(number) * (isSure ? 0.0001 : 0.1)
      return EnsembleResult.ExtremeInput(
        input: 17 * number, picture: "extreme-\(number).png", label: number == 5 ? hostileClass : "pullover",
        predicted: isSure ? "pullover" : "coat", total: 0.1 + 0.2 * Double(number), epistemic: epistemic)
    }
  }

  private static func picture(_ number: Int) throws -> Image {
    let pixels = (0..<28 * 28).map { pixel -> UInt8 in
      let (row, column) = (pixel / 28, pixel % 28)
      return UInt8((column * (number + 1) + row * 5) % 256)
    }
    return try Image(width: 28, height: 28, channels: 1, pixels: pixels)
  }

  private static func metrics(_ member: Int) -> [String] {
    (1...20).map { epoch in
      let loss = 0.25 + 1.2 * exp(-Double(epoch + member) / 4)
      return """
        {"epoch": \(epoch), "step": \(epoch * 400), "loss": \(loss), "validationLoss": \(loss + 0.05), \
        "validationAccuracy": \(0.92 - loss / 5), "rate": \(0.05 * (1 - Double(epoch) / 21))}
        """
    }
  }

  private static var regression: EnsembleResult {
    EnsembleResult(
      name: "yacht", data: "yacht", network: "mlp", method: "deep", parameters: 401, members: 2, functions: 2,
      inputs: 620,
      numbers: EnsembleResult.NumberScores(
        divisions: 20, rmse: 0.9876, rmseError: 0.0432, negativeLogLikelihood: 1.234,
        negativeLogLikelihoodError: 0.0567,
        coverage: 0.91),
      variance: EnsembleResult.UncertaintyMeans(total: 1.5, aleatoric: 0.9, epistemic: 0.6),
      spread: EnsembleResult.UncertaintySpread(
        end: 6, total: [400, 150, 50, 20], aleatoric: [500, 100, 20, 0], epistemic: [520, 80, 15, 5]),
      logEvidence: -1234.5)
  }
}
