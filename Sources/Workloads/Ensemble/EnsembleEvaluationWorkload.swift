import Formats
import Runtime
import Specification
import Store

/// Judges an ensemble when all its members are complete: how well it predicts, how sure it is, and where its uncertainty comes
/// from.
struct EnsembleEvaluationWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try EnsembleJob(task)
    let (ensemble, _, _) = try job.part()
    try task.report(TaskProgress(phase: ensemble.name, done: 0, total: 1, rate: 0))
    let splits = job.specification.data(named: ensemble.data)?.splits ?? 1
    let sets = try (0..<splits).map { try job.learningSet(ensemble, split: $0, task) }
    let files = try MemberFiles(ensemble, splits: splits, task)
    let stores = try EnsembleLayout.stores(ensemble, sets, files)
    // Readers of a Zarr store see what its consolidated metadata says, so that comes when all chunks are there.
    if task.segments == 0 { try task.commit(Segment(files: stores.chunks), isLast: false) }
    var results =
      if let classes = sets[0].classes {
        try ClassEvaluation(
          ensemble, sets[0], files, classes: classes, judged: job.judged(ensemble, sets[0], task),
          guided: job.specification.guidedSets(by: ensemble)
        ).files()
      } else {
        try NumberEvaluation(ensemble, sets, files).files()
      }
    results.merge(stores.metadata) { $1 }
    try task.commit(Segment(files: results), isLast: true)
  }
}
