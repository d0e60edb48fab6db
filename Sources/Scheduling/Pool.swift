import HeapModule

/// Tasks of the same needs that wait, and the workers that could take them.
struct Pool: Sendable {
  let needs: Resources
  /// Jobs that run and have groups of these needs; the pool ends with the last of them.
  var jobsServed = 0
  /// Jobs with such tasks to dispatch, the one whose turn it is first.
  var jobs = Ranking<JobID, Standing>()
  private var groups: [JobID: ReadyGroups] = [:]
  /// Workers that accept tasks and offer what is needed, least loaded first.
  var workers = Ranking<WorkerID, Load>()

  init(needs: Resources) { self.needs = needs }

  mutating func insert(_ group: Int, of job: Job, standing: Standing) {
    groups[job.id, default: ReadyGroups()].insert(GroupRank(priority: job.groups[group].priority, group: group))
    jobs[job.id] = standing
  }

  mutating func remove(_ job: JobID) {
    groups[job] = nil
    jobs[job] = nil
  }

  func contains(_ group: Int, of job: Job) -> Bool {
    jobs[job.id] != nil
      && groups[job.id]?.contains(GroupRank(priority: job.groups[group].priority, group: group)) == true
  }

  /// Whose turn it is: the job, and its best group with a task to dispatch.
  mutating func first(in progress: inout [JobID: JobProgress]) -> (job: JobID, group: GroupRank, standing: Standing)? {
    while let (job, standing) = jobs.first() {
      if let group = groups[job]?.first(where: { progress[job]?.groups[$0.group].hasNext() == true }) {
        return (job, group, standing)
      }
      remove(job)
    }
    return nil
  }
}

/// A job's place among those that wait for the same workers: the one that uses least for its share goes first; among equals
/// the one that has had fewest turns for its share, then the older one.
struct Standing: Comparable, Sendable {
  /// What the job's leases occupy, in millionths of a core.
  var usage = 0
  let share: Int
  /// Tasks dispatched so far, in millionths, divided by the share.
  var turns = 0
  let job: JobID

  static func < (left: Standing, right: Standing) -> Bool {
    let (leftUse, rightUse) = (left.usage * right.share, right.usage * left.share)
    return (leftUse, left.turns, left.job) < (rightUse, right.turns, right.job)
  }
}

/// A group's place in its job: priority first, then the order in the job.
struct GroupRank: Hashable, Comparable, Sendable {
  let priority: Int
  let group: Int

  static func < (left: GroupRank, right: GroupRank) -> Bool {
    (right.priority, left.group) < (left.priority, right.group)
  }
}

/// Groups of a job with tasks to dispatch, best first. A group leaves when it is found to have none.
private struct ReadyGroups: Sendable {
  private var heap = Heap<GroupRank>()
  private var members: Set<GroupRank> = []

  mutating func insert(_ group: GroupRank) {
    if members.insert(group).inserted { heap.insert(group) }
  }

  func contains(_ group: GroupRank) -> Bool { members.contains(group) }

  mutating func first(where hasTasks: (GroupRank) -> Bool) -> GroupRank? {
    while let group = heap.min {
      if hasTasks(group) { return group }
      heap.removeMin()
      members.remove(group)
    }
    return nil
  }
}
