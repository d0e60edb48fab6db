import Foundation
import Specification

/// What strategies of asking for labels have come to, as tables for people.
enum AcquisitionView {
  static func text(of result: AcquisitionResult, folder: String) -> String {
    let title = """
      \(result.network) on \(result.data), \(result.method): \(result.functions) functions, \(result.pool) pictures to ask \
      about, \(result.inputs) to judge by; means and standard errors of \(result.repeats) repeats
      """
    let places = """
      runs        \(folder)/\(AcquisitionSpecification.runsFolder)
      comparison  \(folder)/\(AcquisitionResult.fileName)
      """
    return [title + "\n" + ends(result), "accuracy in %\n" + curves(result), places].joined(separator: "\n\n")
  }

  /// The last round of each strategy.
  private static func ends(_ result: AcquisitionResult) -> String {
    let rows = result.strategies.compactMap { strategy -> [String]? in
      guard let last = strategy.points.last else { return nil }
      let hasChance = last.gain != nil
      return [
        strategy.name, "\(last.labels)", percent(last.accuracy), last.gain.map { percent($0, isSigned: true) } ?? "-",
        measured(last.negativeLogLikelihood, 3), format(last.entropy.total, 3), format(last.entropy.aleatoric, 3),
        format(last.entropy.epistemic, 3),
        hasChance ? result.labelsForChance(strategy).map(String.init) ?? "-" : "-",
      ]
    }
    let header = [
      "strategy", "labels", "accuracy in %", "minus random", "NLL", "entropy", "aleatoric", "epistemic",
      "as good as random with",
    ]
    return Table(header, rows, numeric: Set(1..<9)).text
  }

  /// The accuracy of each strategy with each number of labels.
  private static func curves(_ result: AcquisitionResult) -> String {
    let counts = result.strategies.first?.points.map(\.labels) ?? []
    let rows = counts.indices.map { round in
      ["\(counts[round])"]
        + result.strategies.map { $0.points.indices.contains(round) ? percent($0.points[round].accuracy) : "-" }
    }
    let header = ["labels"] + result.strategies.map(\.name)
    return Table(header, rows, numeric: Set(0..<header.count)).text
  }

  private static func percent(_ share: Measured, isSigned: Bool = false) -> String {
    (isSigned && share.mean > 0 ? "+" : "")
      + measured(Measured(mean: share.mean * 100, error: share.error * 100), 2)
  }

  private static func measured(_ value: Measured, _ digits: Int) -> String {
    "\(format(value.mean, digits)) ± \(format(value.error, digits))"
  }

  private static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
