import Specification

/// Ensembles beside each other: how well they predict, how unsure they are, and what they recognise as unknown.
struct EnsembleTables {
  private let results: [EnsembleResult]

  init(_ results: [EnsembleResult]) { self.results = results }

  var markup: [Markup] {
    let unknown = results.filter { !$0.unknown.isEmpty }
    let shifted = results.filter { !$0.domains.isEmpty }
    return titled("Predictions of classes", classes) + titled("Predictions of numbers", numbers)
      + titled("Uncertainty: total = aleatoric + epistemic", results.isEmpty ? nil : uncertainty)
      + titled("Predictions in other domains", shifted.isEmpty ? nil : domains(shifted))
      + titled("Unknown sets told apart from the known one", unknown.isEmpty ? nil : detection(unknown))
  }

  private func titled(_ title: String, _ table: Table?) -> [Markup] {
    table.map { [Markup("h3", [:], [Markup(title)]), $0.markup] } ?? []
  }

  private static let words = ["ensemble", "data", "network", "method"]

  private func words(_ result: EnsembleResult) -> [String] {
    [result.name, result.data, result.network, result.method]
  }

  private var classes: Table? {
    let rows = results.compactMap { result in
      result.classes.map { scores in
        words(result) + [
          Numbers.count(result.members), Numbers.count(result.functions),
          Numbers.percent(scores.accuracy, 2) + " ± " + Numbers.fixed(scores.accuracyError * 100, 2),
          Numbers.percent(scores.balancedAccuracy, 2), Numbers.fixed(scores.negativeLogLikelihood, 4),
          Numbers.fixed(scores.brier, 4),
          Numbers.fixed(scores.calibrationError, 4), Numbers.fixed(scores.adaptiveCalibrationError, 4),
          result.logEvidence.map { Numbers.fixed($0, 1) } ?? "",
        ]
      }
    }
    let numbers = [
      "members", "functions", "accuracy", "balanced", "NLL", "Brier", "ECE", "adaptive ECE", "log evidence",
    ]
    return rows.isEmpty ? nil : Table("Predictions of classes", words: Self.words, numbers: numbers, rows: rows)
  }

  private var numbers: Table? {
    let rows = results.compactMap { result in
      result.numbers.map { scores in
        words(result) + [
          Numbers.count(result.members), Numbers.count(result.functions), Numbers.count(scores.divisions),
          Numbers.measured(scores.rmse, error: scores.rmseError),
          Numbers.measured(scores.negativeLogLikelihood, error: scores.negativeLogLikelihoodError),
          Numbers.percent(scores.coverage), result.logEvidence.map { Numbers.fixed($0, 1) } ?? "",
        ]
      }
    }
    let numbers = ["members", "functions", "divisions", "RMSE", "NLL", "in 90 % intervals", "log evidence"]
    return rows.isEmpty ? nil : Table("Predictions of numbers", words: Self.words, numbers: numbers, rows: rows)
  }

  private var uncertainty: Table {
    let parts = ["total", "aleatoric", "epistemic"]
    return Table(
      "Uncertainty", words: ["ensemble", "data"],
      numbers: ["variance, total", "aleatoric", "epistemic", "entropy, total", "aleatoric", "epistemic"],
      rows: results.map { result in
        [result.name, result.data] + Self.cells(result.variance)
          + (result.entropy.map(Self.cells) ?? parts.map { _ in "" })
      })
  }

  private static func cells(_ means: EnsembleResult.UncertaintyMeans) -> [String] {
    [means.total, means.aleatoric, means.epistemic].map { Numbers.rounded($0) }
  }

  private func domains(_ results: [EnsembleResult]) -> Table {
    Table(
      "Predictions in other domains", words: ["ensemble", "judged on"],
      numbers: ["inputs", "accuracy", "NLL", "Brier", "ECE", "entropy, total", "aleatoric", "epistemic"],
      rows: results.flatMap { result in
        result.domains.map { set in
          [
            result.name, set.name, Numbers.count(set.inputs),
            Numbers.percent(set.accuracy, 2) + " ± " + Numbers.fixed(set.accuracyError * 100, 2),
            Numbers.fixed(set.negativeLogLikelihood, 4), Numbers.fixed(set.brier, 4),
            Numbers.fixed(set.calibrationError, 4),
          ] + Self.cells(set.entropy)
        }
      })
  }

  private func detection(_ results: [EnsembleResult]) -> Table {
    Table(
      "Unknown sets told apart", words: ["ensemble", "known", "unknown"],
      numbers: [
        "inputs", "AUROC, total", "epistemic", "average precision, total", "epistemic", "FPR at 95 %, total",
        "epistemic",
        "entropy, total", "epistemic",
      ],
      rows: results.flatMap { result in
        result.unknown.map { set in
          [result.name, result.data, set.name, Numbers.count(set.inputs)]
            + [
              set.total.areaUnderROC, set.epistemic.areaUnderROC, set.total.averagePrecision,
              set.epistemic.averagePrecision, set.total.falsePositivesAt95, set.epistemic.falsePositivesAt95,
              set.entropy.total, set.entropy.epistemic,
            ].map { Numbers.fixed($0, 3) }
        }
      })
  }
}
