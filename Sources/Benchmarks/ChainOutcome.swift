import Foundation
import Specification

/// What chains took, and how well they predict the held-out rows.
struct ChainOutcome {
  let seconds: Double
  let rmse: Double
  let logDensity: Double

  /// Prints the seconds of several rounds, with the scores beside them.
  /// - Returns: The median of the seconds.
  static func report(_ name: String, _ outcomes: [ChainOutcome], _ note: String) -> Double {
    let seconds = Sample(outcomes.map(\.seconds)).median
    let scores = [Sample(outcomes.map(\.rmse)).median, Sample(outcomes.map(\.logDensity)).median].map(rounded)
    Figure(
      name: name, value: seconds, unit: "s",
      note: "median of \(outcomes.count) rounds; test RMSE \(scores[0]), log predictive density \(scores[1]); \(note)"
    ).print()
    return seconds
  }
}

/// The scores of a job, in the target's unit.
func prediction(of job: String, in store: String) throws -> EvaluationSummary.Prediction {
  let json = try Data(contentsOf: URL(fileURLWithPath: "\(store)/jobs/\(job)/\(EvaluationSummary.fileName)"))
  return try EvaluationSummary(json: Array(json)).prediction
}
