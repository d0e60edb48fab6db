import Formats
import Networks
import Runtime
import Specification
import Training

/// Trains one member of an ensemble, or samples one chain of it, and predicts with it; `trunk` tasks train what all heads of an
/// ensemble share.
struct MemberWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try EnsembleJob(task)
    let (ensemble, split, number) = try job.part()
    let set = try job.learningSet(ensemble, split: split, task)
    let member = try ensemble.member(
      set, trunk: job.isTrunk ? nil : try trunk(of: ensemble, set, split: split, task))
    let judged = job.isTrunk ? [] : try job.judged(ensemble, set, task)
    let lesson = try job.lesson(ensemble, set, task)
    let run = try MemberRun(
      ensemble, lesson.set, classWeights: lesson.classWeights, judged: judged, member: member,
      key: job.key(ensemble, split: split, member: number), weights: try weights(of: ensemble, task),
      checkpoint: task.checkpoint)
    var progress = StepProgress(phase: ensemble.name, total: run.steps)
    let perSegment = ensemble.training.segment * run.stepsPerEpoch
    let segments = max(1, (run.steps + perSegment - 1) / perSegment)
    for segment in task.segments..<segments {
      let end = min(run.steps, (segment + 1) * perSegment)
      while run.step < end {
        try run.advance()
        if let news = progress.after(run.step, figures: run.figures) { try task.report(news) }
        if run.step < end { try task.pauseIfAsked(run.checkpoint) }
      }
      let isLast = segment == segments - 1
      var files: [String: [UInt8]] = [:]
      if isLast {
        let made = try run.files { draw, count in
          try task.report(TaskProgress(phase: "predicting", done: draw, total: count, rate: 0))
        }
        let folder = job.isTrunk ? "trunk-\(split)" : "members/\(split * ensemble.method.members + number)"
        for (name, bytes) in made { files[ensemble.file("\(folder)/\(name)")] = bytes }
      }
      try task.commit(Segment(files: files, checkpoint: isLast ? nil : try run.checkpoint()), isLast: isLast)
    }
  }

  /// Weights that are taken as they are; nil if there is something to train.
  private func weights(of ensemble: EnsembleSpecification.Ensemble, _ task: TaskContext) throws -> [UInt8]? {
    guard case .laplace(let laplace) = ensemble.method, let path = laplace.weights else { return nil }
    guard let bytes = try task.input(path) else { throw WorkloadError("\(path) did not come with the job.") }
    return bytes
  }

  /// The first blocks that all heads share, as the trunk's task has left them.
  private func trunk(
    of ensemble: EnsembleSpecification.Ensemble, _ set: LearningSet, split: Int, _ task: TaskContext
  ) throws -> MemberNetwork.Trunk? {
    guard case .partial(_, let blocks) = ensemble.method else { return nil }
    let network = try ensemble.feedForward(set)
    let file = try Safetensors(bytes: task.required(ensemble.file("trunk-\(split)/weights.safetensors")))
    let shared = network.blocks.prefix(blocks)
    return MemberNetwork.Trunk(
      blocks: blocks, parameters: try ParameterSet(among: file, of: shared.flatMap(\.parameterShapes)).channelsLast(),
      statistics: try ParameterSet(among: file, of: shared.flatMap(\.statisticShapes)))
  }
}
