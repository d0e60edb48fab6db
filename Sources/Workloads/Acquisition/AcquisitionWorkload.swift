import Runtime
import Specification

/// Learns from few labels, asks for those that a strategy wants, and learns anew from all, round by round.
struct AcquisitionWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try AcquisitionJob(task)
    guard let strategy = job.strategy else { throw WorkloadError("The task has no strategy to ask by.") }
    var run = try AcquisitionRun(job, strategy, task)
    let (labels, members) = (job.specification.labels, job.specification.method.members)
    for round in task.segments..<labels.rounds {
      let last = run.accuracy.map { [TaskProgress.Figure("accuracy", $0)] } ?? []
      var progress: StepProgress?
      try run.advance(round: round) { learner, member in
        var steps =
          progress
          ?? StepProgress(
            phase: "\(labels.known(inRound: round)) labels", total: members * learner.steps)
        if let news = steps.after(member * learner.steps + learner.step, figures: last + learner.figures) {
          try task.report(news)
        }
        progress = steps
      }
      let isLast = round == labels.rounds - 1
      try task.commit(Segment(files: run.files, checkpoint: isLast ? nil : try run.checkpoint()), isLast: isLast)
    }
  }
}

/// Puts the runs of all strategies beside each other.
struct AcquisitionComparisonWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try AcquisitionJob(task)
    let specification = job.specification
    let runs = try specification.strategies.map { strategy in
      let repeats = try (0..<specification.repeats).map { number in
        let name = AcquisitionSpecification.file(
          AcquisitionRound.fileName, strategy: strategy.rawValue, number: number)
        let rounds = try AcquisitionRound.rounds(task.required(name))
        guard rounds.count == specification.labels.rounds else { throw WorkloadError("\(name) has not all rounds.") }
        return rounds
      }
      return (name: strategy.rawValue, repeats: repeats)
    }
    let (set, _) = try job.learningSet(task)
    let method = specification.method
    let result = AcquisitionResult(
      data: specification.data.name, network: specification.network.name, method: method.name,
      functions: method.members * method.functionsOfMember, repeats: specification.repeats,
      pool: set.training.count, inputs: set.test.count, strategies: AcquisitionResult.strategies(runs))
    try task.commit(Segment(files: [AcquisitionResult.fileName: try result.json()]), isLast: true)
  }
}

extension EnsembleMethod {
  /// Functions that a member predicts with; the outputs of a linearised network are drawn.
  fileprivate var functionsOfMember: Int {
    if case .laplace(let laplace) = self, laplace.draws == 0 { return LaplaceFunctions.outputDraws }
    return draws
  }
}
