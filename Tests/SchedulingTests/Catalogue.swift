import Scheduling

/// What is durable: the twin of the coordinator's catalogue, from which a scheduler is rebuilt.
struct Catalogue {
  private(set) var jobs: [JobID: Job] = [:]
  private(set) var records: [TaskID: Job.Task] = [:]
  private(set) var outcomes: [JobID: Job.Outcome] = [:]

  mutating func add(_ job: Job) { jobs[job.id] = job }

  mutating func carryOut(_ command: Command) {
    switch command {
    case .persistTask(let task, let record): records[task] = record
    case .persistOutcome(let job, let outcome): outcomes[job] = outcome
    case .persistCommit, .persistLoss, .dispatch, .acknowledge, .publish, .revoke, .disconnect: break
    }
  }

  /// A scheduler as a coordinator has it after a restart, and what it asks for at once.
  func scheduler(_ configuration: Scheduler.Configuration, at now: Instant) -> (Scheduler, [Command]) {
    var scheduler = Scheduler(configuration: configuration)
    var commands: [Command] = []
    for job in jobs.values.sorted(by: { $0.id < $1.id }) where outcomes[job.id] == nil {
      commands += scheduler.restore(job, records: records(of: job.id), at: now)
    }
    return (scheduler, commands)
  }

  func records(of job: JobID) -> [(TaskID, Job.Task)] {
    records.filter { $0.key.job == job }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
