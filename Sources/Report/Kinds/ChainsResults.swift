import Formats
import Foundation
import Specification
import Store

/// What chains have drawn so far, how well they mix, and what they predict.
struct ChainsResults: JobResults {
  private static let store = "posterior.zarr"
  private static let table = "predictions.csv"
  private let files: JobFiles
  private let chains: ChainsSpecification?

  /// Nil if the folder has no draws.
  init?(_ files: JobFiles, _ job: JobSpecification?) {
    guard files.folder.contains(Self.store) || files.folder.contains(EvaluationSummary.fileName) else { return nil }
    self.files = files
    chains = if case .chains(let chains)? = job?.work { chains } else { nil }
  }

  private func reader() throws(StoreError) -> ZarrReader { try ZarrReader("\(files.folder.path)/\(Self.store)") }

  var progress: [JobProgress] {
    let shape = (try? reader().shape(of: "sample_stats/lp")) ?? nil
    return [
      JobProgress(name: "chains with draws", done: shape?[0] ?? 0, total: chains?.chains),
      JobProgress(name: "draws of each of these", done: shape?[1] ?? 0, total: chains?.draws),
      JobProgress(name: "evaluation", done: files.folder.contains(EvaluationSummary.fileName) ? 1 : 0, total: 1),
    ]
  }

  var parts: [Part] {
    do {
      let summary = try files.summary(EvaluationSummary.self)
      return (summary.map { [convergence($0), predictions($0.prediction)] } ?? [unevaluated]) + [draws]
    } catch {
      return [Part(title: "Convergence", content: [.note("\(error)")]), draws]
    }
  }

  private var unevaluated: Part {
    Part(
      title: "Convergence",
      content: [.paragraph("R-hat and effective sample sizes come with the evaluation, after the last chain.")])
  }

  private func convergence(_ summary: EvaluationSummary) -> Part {
    let quantities = Table(
      "Convergence", words: ["quantity"], numbers: ["R-hat", "bulk ESS", "tail ESS"],
      rows: summary.convergence.map { one in
        [one.name, Numbers.fixed(one.rHat, 3), Numbers.fixed(one.bulkESS, 0), Numbers.fixed(one.tailESS, 0)]
      })
    let chains = Table(
      "Chains", words: ["chain"], numbers: ["draws", "divergences", "acceptance", "step size", "E-BFMI"],
      rows: summary.chains.enumerated().map { number, chain in
        [
          "chain \(number)", Numbers.count(summary.draws), Numbers.count(chain.divergences),
          chain.acceptance.map { Numbers.fixed($0, 2) } ?? "–", Numbers.rounded(chain.stepSize),
          chain.eBFMI.map { Numbers.fixed($0, 2) } ?? "–",
        ]
      })
    let meaning = """
      Rank-normalised split R-hat up to 1.01 and effective sample sizes from 100 a chain on mean that the chains agree \
      (Vehtari et al. 2021); E-BFMI below 0.3 that tails are explored badly.
      """
    return Part(
      title: "Convergence",
      content: summary.remarks.map { .paragraph($0) } + [quantities.markup, chains.markup, .paragraph(meaning)])
  }

  private func predictions(_ prediction: EvaluationSummary.Prediction) -> Part {
    let interval = Numbers.percent(prediction.coverageProbability, 0)
    let table = Table(
      "Predictions of held-out rows", words: ["\(prediction.testRows) held-out rows"], numbers: ["unit of the target"],
      rows: [
        ["RMSE", Numbers.rounded(prediction.rmse)],
        ["log predictive density", Numbers.fixed(prediction.logPredictiveDensity, 3)],
        ["coverage of \(interval) intervals", Numbers.percent(prediction.coverage)],
        ["total variance", Numbers.rounded(prediction.totalVariance, 4)],
        ["– aleatoric", Numbers.rounded(prediction.aleatoricVariance, 4)],
        ["– epistemic", Numbers.rounded(prediction.epistemicVariance, 4)],
      ])
    let chart = Markup.attempting { Markup.gallery(try errors().map { [$0.figure] } ?? []) }
    return Part(title: "Predictions", content: [table.markup, chart])
  }

  /// How far each held-out row's prediction is from the target, with the standard deviations it claims.
  private func errors() throws -> Chart? {
    guard let bytes = try files.bytes(Self.table) else { return nil }
    let table = try CSVTable(bytes: bytes, file: Self.table, header: true)
    let column = { (name: String) -> [Double]? in
      table.columnNames.firstIndex(of: name).map { index in
        (0..<table.rowCount).map { table.values[$0 * table.columnNames.count + index] }
      }
    }
    guard let targets = column("target"), let means = column("mean"), let variances = column("total_variance") else {
      throw FormatError(.table, "\(Self.table) has not the columns target, mean and total_variance")
    }
    let points = zip(targets, means).map { Chart.Point($0, $1 - $0) }
    let intervals = zip(points, variances).flatMap { point, variance -> [Chart.Point] in
      let width = 2 * max(variance, 0).squareRoot()
      return [Chart.Point(point.x, point.y - width), Chart.Point(point.x, point.y + width), Chart.Point(.nan, .nan)]
    }
    let x = Axis("target", covering: targets)
    return Chart(
      title: "Errors of the predictive mean", x: x,
      y: Axis("prediction − target", covering: intervals.map(\.y), fromZero: true),
      marks: [
        Chart.Mark(
          .line([x.range.lowerBound, x.range.upperBound].map { Chart.Point($0, 0) }), .reference, nil, .dashed),
        Chart.Mark(.line(intervals), .total, "± 2 total standard deviations", .thin),
        Chart.Mark(.points(points), .epistemic, "mean"),
      ])
  }

  private var draws: Part {
    let explanation = """
      Each chain's draws in order, and how its ranks among the draws of all chains are spread: chains that sample the same \
      distribution have bars of like height (Vehtari et al. 2021).
      """
    let charts = Markup.attempting {
      let reader = try reader()
      let figures = try Quantity.chosen(from: reader).flatMap { try $0.charts(reader).map(\.figure) }
      return Markup("div", ["class": "gallery pairs"], figures)
    }
    return Part(title: "Draws", content: [.paragraph(explanation), charts])
  }
}
