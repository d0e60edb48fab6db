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
        let ended = group.isDropped ? group.count : group.records.count(where: \.hasEnded)
        open += group.count - ended
        try check(group.records.count <= group.count, "group \(id).\(position) has more records than tasks")
        try check(
          group.completed == group.records.count { $0.state == .completed }, "group \(id).\(position) is miscounted")
        try check(group.unmet == 0 || group.records.isEmpty, "group \(id).\(position) started before it may")
        for (record, index) in zip(group.records, 0...) {
          let task = TaskID(job: id, group: position, index: index)
          try check(record.epoch > 0 || record.state == .queued, "task \(task) moved without a dispatch")
          if case .leased(let worker) = record.state { leased[Lease(task: task, epoch: record.epoch)] = worker }
        }
      }
      try check(open == progress.openTasks, "job \(id) counts \(progress.openTasks) open tasks, and has \(open)")
    }
    for (id, worker) in workers {
      for lease in worker.leases {
        try check(leased.removeValue(forKey: lease) == id, "worker \(id) holds \(lease), which is not its own")
      }
    }
    try check(leased.isEmpty, "leases without a worker: \(leased)")
  }

  private func check(_ holds: Bool, _ promise: @autoclosure () -> String) throws(InvariantViolation) {
    if !holds { throw InvariantViolation(description: promise()) }
  }
}
