/// A broken promise of the scheduler about itself.
public struct InvariantViolation: Error, CustomStringConvertible {
  public let description: String
}

extension Scheduler {
  /// Checks what must hold between any two events; for tests and the simulator, O(tasks + workers).
  /// - Throws: `InvariantViolation` naming the first promise that is broken.
  public func checkInvariants() throws(InvariantViolation) {
    var leased: [Lease: WorkerID] = [:]
    for (id, progress) in jobs {
      try check(progress.openTasks > 0, "job \(id) has no open task and did not end")
      var open = 0
      for (group, position) in zip(progress.groups, 0...) {
        open += group.openTasks
        try check(group.records.count <= group.count, "group \(id).\(position) has more records than tasks")
        try check(
          group.completed == group.records.count { $0.state == .completed }, "group \(id).\(position) is miscounted")
        try check(group.unmet == 0 || group.records.isEmpty, "group \(id).\(position) started before it may")
        try check(group.records.count <= group.limit, "group \(id).\(position) started tasks that cannot start")
        try check(
          group.openTasks == group.limit - group.records.count(where: \.hasEnded),
          "group \(id).\(position) miscounts its end"
        )
        try check(
          group.returned.count <= 2 * group.records.count, "group \(id).\(position) keeps too many stale entries")
        let queued = Set(group.returned.unordered)
        var hasNext = group.hasUntouched
        for (record, index) in zip(group.records, 0...) {
          let task = TaskID(job: id, group: position, index: index)
          try check(record.epoch > 0 || record.state == .queued, "task \(task) moved without a dispatch")
          try check(record.losses >= 0, "task \(task) has lost fewer workers than none")
          try check(record.state != .queued || queued.contains(index), "task \(task) is queued and will not be found")
          hasNext = hasNext || record.state == .queued && group.mayStart(index)
          if case .leased(let worker) = record.state { leased[Lease(task: task, epoch: record.epoch)] = worker }
        }
        let pool = pools[progress.job.groups[position].needs]
        try check(
          !hasNext || pool?.contains(position, of: progress.job) == true,
          "group \(id).\(position) has tasks and will not be found")
      }
      let usage = progress.leases.reduce(0) { $0 + progress.job.groups[$1.lease.task.group].usage }
      try check(usage == progress.standing.usage, "job \(id) uses \(usage), and \(progress.standing.usage) is noted")
      try check(open == progress.openTasks, "job \(id) counts \(progress.openTasks) open tasks, and has \(open)")
    }
    let watched = Set(deadlines.unordered.map(\.sequence))
    for (id, worker) in workers {
      try check(watched.contains(worker.sequence), "the silence of worker \(id) would not be noticed")
      for lease in worker.leases {
        try check(leased.removeValue(forKey: lease) == id, "worker \(id) holds \(lease), which is not its own")
      }
    }
    try checkPools()
    try check(leased.isEmpty, "leases without a worker: \(leased)")
  }

  private func checkPools() throws(InvariantViolation) {
    let needs = Set(jobs.values.flatMap(\.job.needs))
    try check(Set(pools.keys) == needs, "there are pools for \(pools.keys), and jobs need \(needs)")
    for (needs, pool) in pools {
      for job in pool.jobs.members {
        try check(pool.jobs[job] == jobs[job]?.standing, "job \(job) waits with another standing than its own")
      }
      for (id, worker) in workers {
        let rank = worker.accepts(needs) ? worker.load : nil
        try check(pool.workers[id] == rank, "worker \(id) is not found by its load for \(needs)")
      }
      try check(pool.workers.members.allSatisfy { workers[$0] != nil }, "a worker that is gone is found for \(needs)")
    }
  }

  private func check(_ holds: Bool, _ promise: @autoclosure () -> String) throws(InvariantViolation) {
    if !holds { throw InvariantViolation(description: promise()) }
  }
}
