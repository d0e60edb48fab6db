/// A change that a coordinator makes durable; there may be more kinds of them than the scheduler knows.
public protocol CatalogueChange: Sendable {
  /// What a worker brings with a commit; the scheduler does not look at it.
  associatedtype Report: Sendable

  static func task(_ task: TaskID, _ record: Job.Task) -> Self
  static func commit(_ report: Report) -> Self
  static func outcome(_ job: JobID, _ outcome: Job.Outcome?) -> Self
}

/// What a coordinator must not forget: the records of tasks, every commit, and how jobs ended.
///
/// There are two: the catalogue on disk, and a twin for simulations that forgets what was not synced.
public protocol TaskCatalogue<Change> {
  associatedtype Change: CatalogueChange

  /// Makes changes durable, all or none: when this returns, they survive a loss of power (G3).
  mutating func write(_ changes: [Change]) throws
  /// The stored records of a job's tasks. One that waited for a retry is queued: instants mean nothing to another process.
  func records(of job: JobID) throws -> [(TaskID, Job.Task)]
  /// What the tasks of a job, or of one group of it, have committed, in the order of tasks and segments.
  func reports(of job: JobID, group: Int?) throws -> [Change.Report]
  /// What a task brought with its last commit.
  func lastReport(of task: TaskID) throws -> Change.Report?
}

/// What one turn of a coordinator's loop has decided: changes to make durable together, and then things to do.
///
/// This is where the order of the scheduler's commands is kept: whatever follows a `persist` waits for the changes.
public struct Turn<Change: CatalogueChange>: Sendable {
  /// To be made durable in one transaction.
  public private(set) var changes: [Change] = []
  /// Commits whose outputs are to get their names, by job.
  public private(set) var publications: [JobID: [Change.Report]] = [:]
  /// To be carried out after the changes, in order.
  public private(set) var effects: [Command] = []

  public init() {}

  public var isEmpty: Bool { changes.isEmpty && effects.isEmpty }

  /// Adds what the scheduler asked for.
  /// - Parameter report: What the commit brings, if the event was one.
  public mutating func add(_ commands: [Command], report: Change.Report? = nil) {
    for command in commands {
      switch command {
      case .persistTask(let task, let record):
        changes.append(.task(task, record))
        if record.state == .failed { effects.append(command) }
      case .persistCommit: if let report { changes.append(.commit(report)) }
      case .persistOutcome(let job, let outcome):
        changes.append(.outcome(job, outcome))
        if outcome != nil { effects.append(command) }
      // Who was lost, and why, its owner knows.
      case .persistLoss: break
      case .publish(let task, _): if let report { publications[task.job, default: []].append(report) }
      case .dispatch, .acknowledge, .revoke, .disconnect: effects.append(command)
      }
    }
  }

  public mutating func add(_ change: Change) { changes.append(change) }
}
