import Datasets
import Foundation
import Posterior
import Runtime
import Specification
import Uncertainty

/// What the draws of all chains say.
struct Evaluation {
  let summary: EvaluationSummary
  /// A line for each held-out row: target, prediction, and its variance told apart by origin.
  let table: String

  init(_ experiment: ChainExperiment, _ draws: DrawReader) throws {
    let data = experiment.data
    let heldOut = data.test.rows.count
    let means = try draws.numbers("predictions", "mean", rest: [heldOut])
    let deviations = try draws.numbers("predictions", "deviation", rest: [heldOut])
    let sigmas = draws.has("posterior", "sigma") ? try draws.numbers("posterior", "sigma") : nil
    let scaling = data.targetScaling
    let mixtures = try (0..<heldOut).map { row in
      try GaussianMixture(
        means: Self.column(row, of: heldOut, means).map(scaling.standardised),
        deviations: Self.column(row, of: heldOut, deviations).map { $0 / scaling.scale })
    }
    let predictive = try PredictiveSummary(
      mixtures, targets: data.test.targets, targetMean: scaling.mean, targetScale: scaling.scale)
    let convergence = try Self.convergence(means, heldOut: heldOut, sigmas, try draws.numbers("sample_stats", "lp"))
    let chains = try Self.chains(draws, count: experiment.specification.chains)
    let prediction = Self.prediction(predictive)
    summary = EvaluationSummary(
      draws: experiment.specification.draws, convergence: convergence, chains: chains, prediction: prediction,
      remarks: Remarks(convergence, chains, prediction).sentences, store: ChainLayout.store)
    table = Self.table(predictive, data)
  }

  /// Convergence of the noise, of the log density, and of the predictions at every held-out row: the median and worst.
  private static func convergence(
    _ means: [[Double]], heldOut: Int, _ sigmas: [[Double]]?, _ lp: [[Double]]
  ) throws -> [EvaluationSummary.Convergence] {
    let rows = try (0..<heldOut).map { row in
      try Diagnostics(chains: means.map { chain in stride(from: row, to: chain.count, by: heldOut).map { chain[$0] } })
    }
    let median = EvaluationSummary.Convergence(
      name: "predictions, median", rHat: middle(rows.map(\.rHat)), bulkESS: middle(rows.map(\.bulkESS)),
      tailESS: middle(rows.map(\.tailESS)))
    let worst = EvaluationSummary.Convergence(
      name: "predictions, worst", rHat: rows.map(\.rHat).max() ?? .nan, bulkESS: rows.map(\.bulkESS).min() ?? .nan,
      tailESS: rows.map(\.tailESS).min() ?? .nan)
    let others = try [("noise", sigmas), ("log density", lp)].compactMap { name, chains in
      try chains.map(Diagnostics.init(chains:)).map { one in
        EvaluationSummary.Convergence(name: name, rHat: one.rHat, bulkESS: one.bulkESS, tailESS: one.tailESS)
      }
    }
    // What does not vary, such as a noise that is fixed, has no R-hat.
    return ([median, worst] + others).filter(\.rHat.isFinite)
  }

  /// A test point's numbers over the draws of all chains.
  private static func column(_ row: Int, of rows: Int, _ chains: [[Double]]) -> [Double] {
    chains.flatMap { chain in stride(from: row, to: chain.count, by: rows).map { chain[$0] } }
  }

  private static func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private static func chains(_ draws: DrawReader, count: Int) throws -> [EvaluationSummary.Chain] {
    let has = { draws.has("sample_stats", $0) }
    let acceptance = has("acceptance_rate") ? try draws.numbers("sample_stats", "acceptance_rate") : nil
    let steps = try draws.numbers("sample_stats", "step_size")
    let divergences = has("diverging") ? try draws.truths("sample_stats", "diverging") : nil
    let energies = has("energy") ? try draws.numbers("sample_stats", "energy") : nil
    return (0..<count).map { chain in
      EvaluationSummary.Chain(
        divergences: divergences?[chain].count { $0 } ?? 0,
        eBFMI: energies.map { Diagnostics.energyFractionOfMissingInformation(energies: $0[chain]) }
          .flatMap { $0.isFinite ? $0 : nil },
        stepSize: steps[chain].last ?? .nan,
        acceptance: acceptance.map { $0[chain].reduce(0, +) / Double($0[chain].count) })
    }
  }

  private static func prediction(_ predictive: PredictiveSummary) -> EvaluationSummary.Prediction {
    EvaluationSummary.Prediction(
      testRows: predictive.points.count, rmse: predictive.rootMeanSquareError,
      logPredictiveDensity: predictive.logPredictiveDensity, coverage: predictive.coverage(ofCentralInterval: 0.9),
      coverageProbability: 0.9, totalVariance: predictive.mean(\.totalVariance),
      aleatoricVariance: predictive.mean(\.aleatoricVariance), epistemicVariance: predictive.mean(\.epistemicVariance))
  }

  private static func table(_ predictive: PredictiveSummary, _ data: RegressionData) -> String {
    let header = "row,target,mean,total_variance,aleatoric_variance,epistemic_variance,log_density\n"
    return header
      + predictive.points.enumerated().map { position, point in
        let target = data.targetScaling.restored(data.test.targets[position])
        return """
          \(data.test.rows[position]),\(target),\(point.mean),\(point.totalVariance),\(point.aleatoricVariance),\
          \(point.epistemicVariance),\(point.logDensity)\n
          """
      }.joined()
  }
}
