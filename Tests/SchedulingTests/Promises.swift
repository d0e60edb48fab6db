import Scheduling

/// What must be true of a scheduler's commands, whatever its insides: G1, G2 and the order of the commands.
struct Promises {
  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  private struct TaskHistory {
    var record = Job.Task()
    /// Segments persisted so far.
    var committed = 0
    var published = 0
    var isComplete = false
    var dispatched = 0
  }

  private var jobs: [JobID: Job] = [:]
  private var tasks: [TaskID: TaskHistory] = [:]
  private(set) var outcomes: [JobID: Job.Outcome] = [:]
  private let segments: (TaskID) -> Int

  /// - Parameter segments: How many segments a task really has.
  init(segments: @escaping (TaskID) -> Int) { self.segments = segments }

  var openJobs: [JobID] { jobs.keys.filter { outcomes[$0] == nil }.sorted() }

  mutating func expect(_ job: Job) { jobs[job.id] = job }

  /// Takes note of one command, whose predecessors are all carried out.
  mutating func note(_ command: Command) throws {
    switch command {
    case .persistTask(let task, let record): try note(record, of: task)
    case .persistCommit(let commit): try note(commit)
    case .persistOutcome(let job, let outcome): try note(outcome, of: job)
    case .dispatch(let lease, let segments, let worker): try noteDispatch(lease, segments, worker)
    case .acknowledge(let commit, _):
      let committed = tasks[commit.lease.task]?.committed ?? 0
      try check(commit.segment < committed, "\(commit) is acknowledged before it is persisted")
    case .publish(let task, let segment): try notePublication(of: task, segment)
    case .persistLoss, .revoke, .disconnect: break
    }
  }

  private mutating func note(_ record: Job.Task, of task: TaskID) throws {
    try check(outcomes[task.job] == nil, "\(task) moves after the end of its job")
    try check(record.epoch >= tasks[task]?.record.epoch ?? 0, "the epoch of \(task) falls")
    tasks[task, default: TaskHistory()].record = record
  }

  /// G1 and G2.
  private mutating func note(_ commit: Commit) throws {
    let task = commit.lease.task
    let history = tasks[task] ?? TaskHistory()
    try check(commit.segment == history.committed, "\(commit) follows \(history.committed) segments")
    try check(!history.isComplete, "\(commit) comes after the last segment")
    try check(commit.lease.epoch == history.dispatched, "\(commit) is not of the newest epoch, \(history.dispatched)")
    try check(history.record.segments == history.committed + 1, "\(task) and its commits do not agree")
    tasks[task]?.committed += 1
    tasks[task]?.isComplete = commit.isLast
  }

  private mutating func notePublication(of task: TaskID, _ segment: Int) throws {
    let history = tasks[task] ?? TaskHistory()
    try check(segment < history.committed, "segment \(segment) of \(task) is published before it is committed")
    try check(segment == history.published, "segment \(segment) of \(task) is published after \(history.published)")
    tasks[task]?.published += 1
  }

  private mutating func noteDispatch(_ lease: Lease, _ segments: Int, _ worker: WorkerID) throws {
    let history = tasks[lease.task] ?? TaskHistory()
    try check(lease.epoch > history.dispatched, "\(lease) is dispatched after epoch \(history.dispatched)")
    try check(history.record.epoch == lease.epoch, "\(lease) is dispatched before it is persisted")
    try check(history.record.state == .leased(worker), "\(lease) goes to \(worker), and is stored elsewhere")
    try check(segments == history.committed, "\(lease) is to go on from \(segments), not \(history.committed)")
    for group in jobs[lease.task.job]?.groups[lease.task.group].after ?? [] {
      try check(isComplete(group, of: lease.task.job), "\(lease) starts before group \(group) is complete")
    }
    tasks[lease.task]?.dispatched = lease.epoch
  }

  private mutating func note(_ outcome: Job.Outcome, of id: JobID) throws {
    guard let job = jobs[id] else { throw Broken(description: "job \(id) ends and was never submitted") }
    try check(outcomes[id] == nil, "job \(id) ends twice")
    let allComplete = job.groups.indices.allSatisfy { isComplete($0, of: id) }
    try check((outcome == .completed) == allComplete || outcome == .cancelled, "job \(id) ends as \(outcome)")
    outcomes[id] = outcome
  }

  private func isComplete(_ group: Int, of id: JobID) -> Bool {
    (0..<(jobs[id]?.groups[group].count ?? 0)).allSatisfy { index in
      let task = TaskID(job: id, group: group, index: index)
      return tasks[task]?.isComplete == true && tasks[task]?.committed == segments(task)
    }
  }

  private func check(_ holds: Bool, _ promise: @autoclosure () -> String) throws {
    if !holds { throw Broken(description: promise()) }
  }
}
