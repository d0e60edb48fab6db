import Foundation
import Specification

/// What a job of chains found, as a table for people.
enum SummaryView {
  static func text(of summary: EvaluationSummary, folder: String) -> String {
    [
      convergence(summary), chains(summary), prediction(summary.prediction), remarks(summary),
      """
      store   \(folder)/\(summary.store)
      open    python -c "import arviz as az; print(az.from_zarr('\(folder)/\(summary.store)'))"
      """,
    ].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private static func convergence(_ summary: EvaluationSummary) -> String {
    let rows = summary.convergence.map { one in
      [one.name, format(one.rHat, 3), format(one.bulkESS, 0), format(one.tailESS, 0)]
    }
    return Table(["convergence", "R-hat", "bulk ESS", "tail ESS"], rows, numeric: [1, 2, 3]).text
  }

  private static func chains(_ summary: EvaluationSummary) -> String {
    let rows = summary.chains.enumerated().map { number, chain in
      [
        "chain \(number)", "\(summary.draws)", "\(chain.divergences)",
        chain.acceptance.map { format($0, 2) } ?? "-",
        String(format: "%.3g", chain.stepSize), chain.eBFMI.map { format($0, 2) } ?? "-",
      ]
    }
    let header = ["chain", "draws", "divergences", "acceptance", "step size", "E-BFMI"]
    return Table(header, rows, numeric: [1, 2, 3, 4, 5]).text
  }

  private static func prediction(_ prediction: EvaluationSummary.Prediction) -> String {
    let percent = format(prediction.coverageProbability * 100, 0)
    let rows = [
      ["RMSE", format(prediction.rmse, 3)],
      ["log predictive density", format(prediction.logPredictiveDensity, 3)],
      ["coverage of \(percent) % intervals", format(prediction.coverage * 100, 1) + " %"],
      ["total variance", String(format: "%.4g", prediction.totalVariance)],
      ["  aleatoric", String(format: "%.4g", prediction.aleatoricVariance)],
      ["  epistemic", String(format: "%.4g", prediction.epistemicVariance)],
    ]
    return Table(["\(prediction.testRows) held-out rows", "unit of the target"], rows, numeric: [1]).text
  }

  private static func remarks(_ summary: EvaluationSummary) -> String {
    summary.remarks.joined(separator: "\n")
  }

  private static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
