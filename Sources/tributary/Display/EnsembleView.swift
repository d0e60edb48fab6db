import Foundation
import Specification

/// What the ensembles of a job predict and how sure they are, as tables for people.
enum EnsembleView {
  static func text(of comparison: EnsembleComparison, folder: String) -> String {
    let places = """
      ensembles   \(folder)/ensembles
      comparison  \(folder)/\(EnsembleComparison.fileName)
      """
    return
      ([classes(comparison), shifted(comparison), unknown(comparison), numbers(comparison)].compactMap { $0 }
      + comparison.fusions.map(fusion) + [places]).joined(separator: "\n\n")
  }

  /// Total = aleatoric + epistemic is the variance of the label as a one-hot vector, summed over classes.
  private static func classes(_ comparison: EnsembleComparison) -> String? {
    let rows = comparison.ensembles.compactMap { one -> [String]? in
      guard let scores = one.classes else { return nil }
      return [
        one.name, one.data, one.network, one.method, "\(one.functions)", format(scores.accuracy, 4),
        format(scores.balancedAccuracy, 4), format(scores.negativeLogLikelihood, 4), format(scores.brier, 4),
        format(scores.calibrationError, 4),
        format(one.variance.total, 5), format(one.variance.aleatoric, 5), format(one.variance.epistemic, 5),
      ] + [one.logEvidence.map { format($0, 1) }].compactMap { $0 }
    }
    guard !rows.isEmpty else { return nil }
    let header = [
      "ensemble", "data", "network", "method", "functions", "accuracy", "balanced", "NLL", "Brier", "ECE", "total",
      "aleatoric", "epistemic",
    ]
    return withEvidence(header, rows)
  }

  /// A table whose longer rows end with the evidence.
  private static func withEvidence(_ header: [String], _ rows: [[String]]) -> String {
    let columns = rows.contains { $0.count > header.count } ? header + ["log evidence"] : header
    let filled = rows.map { $0 + Array(repeating: "-", count: columns.count - $0.count) }
    return Table(columns, filled, numeric: Set(4..<columns.count)).text
  }

  /// The set that was learnt from and those from other domains.
  private static func shifted(_ comparison: EnsembleComparison) -> String? {
    let rows = comparison.ensembles.flatMap { one in
      one.domains.map { other in
        [
          one.name, other.name, "\(other.inputs)", format(other.accuracy, 4), format(other.negativeLogLikelihood, 4),
          format(other.brier, 4), format(other.calibrationError, 4), format(other.entropy.total, 3),
          format(other.entropy.aleatoric, 3), format(other.entropy.epistemic, 3),
        ]
      }
    }
    guard !rows.isEmpty else { return nil }
    let header = [
      "ensemble", "judged on", "inputs", "accuracy", "NLL", "Brier", "ECE", "entropy", "aleatoric", "epistemic",
    ]
    return Table(header, rows, numeric: Set(2..<10)).text
  }

  private static func unknown(_ comparison: EnsembleComparison) -> String? {
    let rows = comparison.ensembles.flatMap { one in
      one.unknown.map { other in
        [
          one.name, other.name, "\(other.inputs)", format(other.total.areaUnderROC, 4),
          format(other.epistemic.areaUnderROC, 4), format(other.total.averagePrecision, 4),
          format(other.total.falsePositivesAt95, 4), format(other.entropy.total, 3), format(other.entropy.epistemic, 3),
        ]
      }
    }
    guard !rows.isEmpty else { return nil }
    let header = [
      "ensemble", "unknown", "inputs", "AUROC", "AUROC epistemic", "AUPR", "FPR95", "entropy", "epistemic",
    ]
    return Table(header, rows, numeric: Set(2..<9)).text
  }

  private static func numbers(_ comparison: EnsembleComparison) -> String? {
    let rows = comparison.ensembles.compactMap { one -> [String]? in
      guard let scores = one.numbers else { return nil }
      return [
        one.name, one.data, one.network, one.method, "\(one.functions)", "\(scores.divisions)",
        "\(format(scores.rmse, 3)) ± \(format(scores.rmseError, 3))",
        "\(format(scores.negativeLogLikelihood, 3)) ± \(format(scores.negativeLogLikelihoodError, 3))",
        "\(format(scores.coverage * 100, 1)) %", short(one.variance.total), short(one.variance.aleatoric),
        short(one.variance.epistemic),
      ] + [one.logEvidence.map { format($0, 1) }].compactMap { $0 }
    }
    guard !rows.isEmpty else { return nil }
    let header = [
      "ensemble", "data", "network", "method", "functions", "splits", "RMSE", "NLL", "within 90 %", "total",
      "aleatoric", "epistemic",
    ]
    return withEvidence(header, rows)
  }

  private static func fusion(_ fusion: EnsembleComparison.Fusion) -> String {
    let rows = fusion.weights.map { [$0.ensemble, format($0.weight, 3)] }
    return """
      joined by \(fusion.rule) weights on \(fusion.data): accuracy \(format(fusion.accuracy, 4)), NLL \
      \(format(fusion.negativeLogLikelihood, 4))
      \(Table(["ensemble", "weight"], rows, numeric: [1]).text)
      """
  }

  private static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
