import HeapModule

/// A running job: what is known of its tasks.
struct JobProgress: Sendable {
  let job: Job
  var groups: [GroupProgress]
  /// Tasks that have not ended; the job ends when there are none.
  var openTasks: Int
  var hasFailed = false

  init(_ job: Job) {
    self.job = job
    groups = job.groups.map(GroupProgress.init)
    openTasks = job.groups.reduce(0) { $0 + $1.count }
  }
}

/// A group of a running job.
struct GroupProgress: Sendable {
  let count: Int
  /// Groups that must still complete before this one may start.
  var unmet: Int
  /// Records of the tasks dispatched at least once: always the first ones, since tasks start in order.
  var records: [Job.Task] = []
  /// Tasks that are queued again. An entry is stale when the task has been taken or has ended since.
  var returned = Heap<Int>()
  var completed = 0
  /// Whether the group can never start, because one it waits for has failed.
  var isDropped = false

  init(_ group: Job.Group) {
    count = group.count
    unmet = group.after.count
  }

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
}

/// A group's place in the order of dispatch: priority first, then the order of submission.
struct GroupKey: Hashable, Comparable, Sendable {
  let priority: Int
  let job: JobID
  let group: Int

  init(priority: Int, job: JobID, group: Int) {
    self.priority = priority
    self.job = job
    self.group = group
  }

  init(_ task: TaskID, in jobs: [JobID: JobProgress]) {
    self.init(priority: jobs[task.job]?.job.priority ?? 0, job: task.job, group: task.group)
  }

  static func < (left: GroupKey, right: GroupKey) -> Bool {
    (-left.priority, left.job, left.group) < (-right.priority, right.job, right.group)
  }
}

/// The groups with tasks to dispatch, best first. A group leaves when it is found to have none.
struct ReadyGroups: Sendable {
  private var heap = Heap<GroupKey>()
  private var members: Set<GroupKey> = []

  mutating func insert(_ key: GroupKey) {
    if members.insert(key).inserted { heap.insert(key) }
  }

  /// The best group that has a task to dispatch.
  mutating func first(in jobs: inout [JobID: JobProgress]) -> GroupKey? {
    while let key = heap.min {
      if jobs[key.job]?.groups[key.group].hasNext() == true { return key }
      heap.removeMin()
      members.remove(key)
    }
    return nil
  }
}

/// A failed task waiting for its next try.
struct Retry: Comparable, Sendable {
  let instant: Instant
  let task: TaskID

  static func < (left: Retry, right: Retry) -> Bool { (left.instant, left.task) < (right.instant, right.task) }
}
