import Posterior
import Runtime
import Specification

/// Judges the chains of a job when all are complete: convergence, calibration, and where the uncertainty comes from.
struct EvaluationWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let experiment = try ChainExperiment(task)
    try task.report(TaskProgress(phase: "reading draws", done: 0, total: 1, rate: 0))
    let draws = try DrawReader(task, experiment.specification)
    let evaluation = try Evaluation(experiment, draws)
    let files = [
      EvaluationSummary.fileName: try evaluation.summary.json(),
      "predictions.csv": Array(evaluation.table.utf8),
    ]
    try task.commit(Segment(files: files), isLast: true)
  }
}
