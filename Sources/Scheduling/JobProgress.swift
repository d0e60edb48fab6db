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
      groups[position].unmet = Set(group.after).count { !groups[$0].isComplete }
      limit(position)
      release(position)
      openTasks += groups[position].openTasks
      hasFailed = hasFailed || groups[position].cannotComplete
    }
  }

  /// Notes how many tasks of a group can ever start.
  /// - Returns: By how many these are fewer than before.
  @discardableResult
  mutating func limit(_ position: Int) -> Int {
    let group = job.groups[position]
    let before = groups[position].limit
    if !groups[position].isComplete, group.after.contains(where: { groups[$0].cannotComplete }) {
      groups[position].limit(to: 0)
    }
    for each in group.afterEach { groups[position].limit(to: groups[each].completable) }
    if let beside = group.beside, groups[beside.group].openTasks == 0 { groups[position].close() }
    return before - groups[position].limit
  }

  /// Notes how many tasks of a group may start, as far as others let them one by one.
  mutating func release(_ position: Int) {
    let group = job.groups[position]
    if let completed = group.afterEach.map({ groups[$0].firstOpen }).min() { groups[position].release(upTo: completed) }
    guard let beside = group.beside else { return }
    var released = groups[position].records.count
    if case .segments(let pace) = beside.pace {
      released = max(released, (groups[beside.group].records.first?.segments ?? 0) / max(1, pace))
    }
    groups[position].release(upTo: released)
  }

  /// Lets one more task of a group start that accompanies another, if there is something to accompany and the last one has
  /// ended.
  mutating func releaseNext(_ position: Int) {
    guard let beside = job.groups[position].beside, groups[beside.group].records.contains(where: { $0.segments > 0 }),
      groups[position].records.allSatisfy(\.hasEnded)
    else { return }
    groups[position].release(upTo: groups[position].records.count + 1)
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
  /// Number of tasks; of a group that accompanies another, those that have started once the other has ended.
  private(set) var count: Int
  /// How many tasks, the first ones, can ever start: fewer than all when something they wait for has failed.
  private(set) var limit: Int
  /// How many tasks, the first ones, may start, as far as others let them one by one.
  private var released: Int
  /// Groups that must still complete before this one may start.
  var unmet = 0
  /// Records of the tasks dispatched at least once: always the first ones, since tasks start in order.
  private(set) var records: [Job.Task] = []
  /// All tasks before this one are complete, so that nobody need look at them again.
  private(set) var firstOpen = 0
  /// Tasks that are queued again. An entry is stale when the task has been taken or has ended since.
  private(set) var returned = Heap<Int>()
  var completed = 0
  private var ended = 0
  private var firstFailed: Int?

  init(count: Int) { (self.count, limit, released) = (count, count, count) }

  var isComplete: Bool { completed == count }

  var cannotComplete: Bool { limit < count || firstFailed != nil }

  /// How many tasks, the first ones, can still come to their end.
  var completable: Int { min(limit, firstFailed ?? limit) }

  /// Tasks that have not ended.
  var openTasks: Int { limit - ended }

  /// Whether a task that has not been dispatched yet could be.
  var hasUntouched: Bool { mayStart(records.count) }

  /// Whether a task of the group could be dispatched now.
  mutating func hasNext() -> Bool {
    while let index = returned.min, records[index].state != .queued { returned.removeMin() }
    return hasUntouched || unmet == 0 && (returned.min ?? released) < released
  }

  mutating func limit(to most: Int) { limit = min(limit, max(most, records.count)) }

  mutating func release(upTo most: Int) { released = most }

  /// Whether a task may start, or start again, as far as other groups are concerned.
  func mayStart(_ index: Int) -> Bool { unmet == 0 && index < min(released, limit) }

  /// No more tasks of the group will start, and it is complete without them.
  mutating func close() { (count, limit) = (min(count, records.count), min(limit, records.count)) }

  /// Takes the lowest queued task.
  mutating func takeNext() -> Int? {
    guard hasNext() else { return nil }
    if let index = returned.popMin() { return index }
    records.append(Job.Task())
    return records.count - 1
  }

  mutating func setRecord(_ record: Job.Task, at index: Int) {
    if record.hasEnded, !records[index].hasEnded { ended += 1 }
    if record.state == .failed { firstFailed = min(firstFailed ?? index, index) }
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
    var record = stored
    if case .backingOff = stored.state { record.state = .queued }
    setRecord(record, at: index)
    if stored.state == .completed { completed += 1 }
  }
}

/// A failed task waiting for its next try.
struct Retry: Comparable, Sendable {
  let instant: Instant
  let task: TaskID

  static func < (left: Retry, right: Retry) -> Bool { (left.instant, left.task) < (right.instant, right.task) }
}

/// When the next task of a group that accompanies another may start.
struct Release: Comparable, Sendable {
  let instant: Instant
  let job: JobID
  let group: Int

  static func < (left: Release, right: Release) -> Bool {
    (left.instant, left.job, left.group) < (right.instant, right.job, right.group)
  }
}
