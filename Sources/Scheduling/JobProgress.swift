import HeapModule

/// A running job: what is known of its tasks.
struct JobProgress: Sendable {
  let job: Job
  var groups: [GroupProgress] = []
  /// Tasks that have not ended; the job ends when there are none.
  var openTasks = 0
  var hasFailed = false
  /// The job's place among those that wait.
  var standing: Standing
  /// Workers that were last sent tasks of the job, the latest at the end.
  private(set) var recentWorkers: [WorkerID] = []

  /// Derives from the records of a job's tasks, none for a new job, all that follows from them.
  init(_ job: Job, records: [(TaskID, Job.Task)] = []) {
    self.job = job
    standing = Standing(share: job.share, job: job.id)
    groups = job.groups.map { GroupProgress(count: $0.count) }
    for (task, record) in records where task.job == job.id && job.groups.indices.contains(task.group) {
      groups[task.group].restore(record, at: task.index)
    }
    // Groups come after those they wait for, so one pass finds all that can never start.
    for (group, position) in zip(job.groups, 0...) {
      groups[position].isDropped =
        !groups[position].isComplete && group.after.contains { groups[$0].cannotComplete }
      groups[position].unmet = Set(group.after).count { !groups[$0].isComplete }
      openTasks += groups[position].openTasks
      hasFailed = hasFailed || groups[position].cannotComplete
    }
  }

  /// Notes that a task was dispatched, when the job that has had most turns for its share had `latestTurns`: none falls
  /// behind it by more than one, or else it would keep all others waiting once they compete.
  mutating func noteTurn(on worker: WorkerID, latestTurns: Int) {
    standing.turns = max(standing.turns, latestTurns - 1_000_000) + 1_000_000 / job.share
    guard recentWorkers.last != worker else { return }
    recentWorkers.removeAll { $0 == worker }
    recentWorkers.append(worker)
    // To look through more would cost more than it saves.
    if recentWorkers.count > 8 { recentWorkers.removeFirst() }
  }

  /// The tasks that are on workers.
  var leases: [(lease: Lease, worker: WorkerID)] {
    zip(groups, 0...).flatMap { group, position in
      zip(group.records, 0...).compactMap { record, index in
        guard case .leased(let worker) = record.state else { return nil }
        return (Lease(task: TaskID(job: job.id, group: position, index: index), epoch: record.epoch), worker)
      }
    }
  }
}

/// A group of a running job.
struct GroupProgress: Sendable {
  let count: Int
  /// Groups that must still complete before this one may start.
  var unmet = 0
  /// Records of the tasks dispatched at least once: always the first ones, since tasks start in order.
  private(set) var records: [Job.Task] = []
  /// All tasks before this one are complete, so that nobody need look at them again.
  private(set) var firstOpen = 0
  /// Tasks that are queued again. An entry is stale when the task has been taken or has ended since.
  private(set) var returned = Heap<Int>()
  var completed = 0
  /// Whether the group can never start, because one it waits for has failed.
  var isDropped = false

  init(count: Int) { self.count = count }

  var isComplete: Bool { completed == count }

  var cannotComplete: Bool { isDropped || records.contains { $0.state == .failed } }

  /// Tasks that have not ended.
  var openTasks: Int { isDropped ? 0 : count - records.count(where: \.hasEnded) }

  /// Whether a task of the group could be dispatched now.
  mutating func hasNext() -> Bool {
    while let index = returned.min, records[index].state != .queued { returned.removeMin() }
    return unmet == 0 && !isDropped && (!returned.isEmpty || records.count < count)
  }

  /// Takes the lowest queued task.
  mutating func takeNext() -> Int? {
    guard hasNext() else { return nil }
    if let index = returned.popMin() { return index }
    records.append(Job.Task())
    return records.count - 1
  }

  mutating func setRecord(_ record: Job.Task, at index: Int) {
    records[index] = record
    while firstOpen < records.count, records[firstOpen].state == .completed { firstOpen += 1 }
  }

  /// Puts a task back among those to dispatch.
  mutating func putBack(_ index: Int) {
    returned.insert(index)
    // Stale entries must not pile up while nothing can be dispatched.
    if returned.count > 2 * records.count { returned = Heap(records.indices.filter { records[$0].state == .queued }) }
  }

  /// Takes in what is stored of a task. One that backed off is queued: its instant was of another process.
  fileprivate mutating func restore(_ stored: Job.Task, at index: Int) {
    guard (0..<count).contains(index) else { return }
    while records.count <= index {
      returned.insert(records.count)
      records.append(Job.Task())
    }
    records[index] = stored
    if case .backingOff = stored.state { records[index].state = .queued }
    if stored.state == .completed { completed += 1 }
  }
}

/// A failed task waiting for its next try.
struct Retry: Comparable, Sendable {
  let instant: Instant
  let task: TaskID

  static func < (left: Retry, right: Retry) -> Bool { (left.instant, left.task) < (right.instant, right.task) }
}
