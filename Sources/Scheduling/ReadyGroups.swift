import HeapModule

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
    (right.priority, left.job, left.group) < (left.priority, right.job, right.group)
  }
}

/// The groups with tasks to dispatch, best first. A group leaves when it is found to have none.
struct ReadyGroups: Sendable {
  private var heap = Heap<GroupKey>()
  private var members: Set<GroupKey> = []

  mutating func insert(_ key: GroupKey) {
    if members.insert(key).inserted { heap.insert(key) }
  }

  func contains(_ key: GroupKey) -> Bool { members.contains(key) }

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
