import Scheduling

/// The catalogue's twin: forgets at a loss of power what was not synced.
struct SimulatedCatalogue: TaskCatalogue {
  struct DiskFull: Error {}

  enum Change: CatalogueChange {
    case task(TaskID, Job.Task)
    case commit(Report)
    case pause(TaskID, Pause)
    case outcome(JobID, Job.Outcome?)
    /// All files of an ended job have their names.
    case finished(JobID)
  }

  /// A job and what is known of it.
  struct StoredJob {
    let job: Job
    var outcome: Job.Outcome?
    var isPublished = false
    /// Records and reports by group and index, as far as tasks have been dispatched.
    fileprivate(set) var records: [[Job.Task?]]
    fileprivate(set) var reports: [[[Report]]]
    fileprivate(set) var pauses: [TaskID: Pause] = [:]
  }

  private(set) var jobs: [StoredJob] = []
  var isFull = false
  /// False for a catalogue whose transactions are synced by and by, as SQLite's are with `synchronous = NORMAL`.
  var syncsEveryWrite = true
  /// What takes back the transactions that are not synced, oldest first.
  private var unsynced: [[Undo]] = []

  private enum Undo {
    case task(TaskID, Job.Task?)
    case commit(TaskID)
    case pause(TaskID, Pause?)
    case outcome(JobID, Job.Outcome?, isPublished: Bool)
    case finished(JobID)
  }

  /// Adds a job, durably.
  mutating func add(_ draft: JobDraft) throws -> Job {
    guard !isFull else { throw DiskFull() }
    let job = draft.job(JobID(rawValue: jobs.count + 1))
    let nothing = job.groups.map { _ in [Job.Task?]() }
    jobs.append(StoredJob(job: job, records: nothing, reports: nothing.map { _ in [] }))
    return job
  }

  mutating func write(_ changes: [Change]) throws {
    guard !isFull else { throw DiskFull() }
    var undo: [Undo] = []
    for change in changes { undo.append(apply(change)) }
    if !syncsEveryWrite { unsynced.append(undo) }
  }

  private mutating func apply(_ change: Change) -> Undo {
    switch change {
    case .task(let task, let record):
      let (job, group) = (task.job.rawValue - 1, task.group)
      while jobs[job].records[group].count <= task.index { jobs[job].records[group].append(nil) }
      let before = jobs[job].records[group][task.index]
      jobs[job].records[group][task.index] = record
      return .task(task, before)
    case .commit(let report):
      let task = report.commit.lease.task
      let (job, group) = (task.job.rawValue - 1, task.group)
      while jobs[job].reports[group].count <= task.index { jobs[job].reports[group].append([]) }
      jobs[job].reports[group][task.index].append(report)
      return .commit(task)
    case .pause(let task, let pause):
      let before = jobs[task.job.rawValue - 1].pauses.updateValue(pause, forKey: task)
      return .pause(task, before)
    case .outcome(let job, let outcome):
      let before = self.job(job)
      jobs[job.rawValue - 1].outcome = outcome
      if outcome == nil { jobs[job.rawValue - 1].isPublished = false }
      return .outcome(job, before.outcome, isPublished: before.isPublished)
    case .finished(let job):
      jobs[job.rawValue - 1].isPublished = true
      return .finished(job)
    }
  }

  /// Transactions that are not synced are taken back, the last ones first, down to a random one.
  mutating func losePower(_ chance: inout Chance) {
    let kept = chance.below(unsynced.count + 1)
    for step in unsynced[kept...].reversed().flatMap({ $0.reversed() }) {
      switch step {
      case .task(let task, let record): jobs[task.job.rawValue - 1].records[task.group][task.index] = record
      case .commit(let task): jobs[task.job.rawValue - 1].reports[task.group][task.index].removeLast()
      case .pause(let task, let before): jobs[task.job.rawValue - 1].pauses[task] = before
      case .outcome(let job, let outcome, let isPublished):
        (jobs[job.rawValue - 1].outcome, jobs[job.rawValue - 1].isPublished) = (outcome, isPublished)
      case .finished(let job): jobs[job.rawValue - 1].isPublished = false
      }
    }
    unsynced = []
  }

  func job(_ id: JobID) -> StoredJob { jobs[id.rawValue - 1] }

  func records(of job: JobID) -> [(TaskID, Job.Task)] {
    var found: [(TaskID, Job.Task)] = []
    for (group, records) in self.job(job).records.enumerated() {
      for case (let index, var record?) in records.enumerated() {
        if case .backingOff = record.state { record.state = .queued }
        found.append((TaskID(job: job, group: group, index: index), record))
      }
    }
    return found
  }

  func record(of task: TaskID) -> Job.Task? {
    let records = job(task.job).records[task.group]
    return records.indices.contains(task.index) ? records[task.index] : nil
  }

  func reports(of job: JobID, group: Int?) -> [Report] {
    let reports = self.job(job).reports
    return (group.map { reports[$0] } ?? reports.flatMap { $0 }).flatMap { $0 }
  }

  func lastReport(of task: TaskID) -> Report? {
    let reports = job(task.job).reports[task.group]
    return reports.indices.contains(task.index) ? reports[task.index].last : nil
  }

  func reports(of task: TaskID) -> [Report] {
    let reports = job(task.job).reports[task.group]
    return reports.indices.contains(task.index) ? reports[task.index] : []
  }

  func committed(_ task: TaskID) -> Int { reports(of: task).count }
}
