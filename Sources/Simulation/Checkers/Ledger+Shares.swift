import Scheduling

/// Fair shares: no job waits while others that use more for their share are served.
extension Ledger {
  /// Turns in which a job may be passed over; events of one turn are seen as if they had happened together.
  private static let patienceInTurns = 4

  /// The coordinator has sent tasks to workers.
  func sent(_ dispatches: [(lease: Lease, worker: WorkerID)]) {
    guard !dispatches.isEmpty, options.jobs.isEmpty, openJobs.count > 1 else { return }
    let usages = openJobs.reduce(into: [JobID: Int]()) { $0[$1] = usage(of: $1) }
    for id in openJobs {
      let needs = waitingNeeds(of: id)
      let isServed = needs.isEmpty || dispatches.contains { $0.lease.task.job == id }
      let isPassedOver = dispatches.contains { lease, worker in
        guard let other = works[lease.task.job], let work = works[id], let offer = offers[worker] else { return false }
        // What it used before it was given this task, and one more.
        let unit = Self.usage(of: other.draft.groups[lease.task.group])
        let (theirs, ours) = ((usages[other.id] ?? 0) - 2 * unit, usages[id] ?? 0)
        return needs.contains(where: offer.covers) && theirs * work.draft.share > ours * other.draft.share
      }
      passedOver[id] = !isServed && isPassedOver ? (passedOver[id] ?? 0) + 1 : 0
      check(
        (passedOver[id] ?? 0) < Self.patienceInTurns, "fair share",
        "job \(id) waits with \(usages[id] ?? 0) millionths of a core, and others that use more are served")
    }
  }

  /// What the tasks need that could run and have no worker.
  private func waitingNeeds(of id: JobID) -> [Resources] {
    guard let work = works[id] else { return [] }
    return work.draft.groups.enumerated().compactMap { position, group in
      let isWaiting = (0..<group.count).contains { index in
        let task = TaskID(job: id, group: position, index: index)
        let history = tasks[task] ?? TaskHistory()
        // When a task may start beside others, only the scheduler's clock knows.
        return history.record.state == .queued && mayStart(task) && group.beside == nil
      }
      return isWaiting && group.after.allSatisfy { isComplete($0, of: id) } ? group.needs : nil
    }
  }

  /// What the leases of a job occupy, in millionths of a core.
  private func usage(of id: JobID) -> Int {
    guard let work = works[id] else { return 0 }
    return work.draft.groups.enumerated().reduce(0) { sum, group in
      let leases = (0..<group.element.count).count { index in
        if case .leased = tasks[TaskID(job: id, group: group.offset, index: index)]?.record.state {
          true
        } else {
          false
        }
      }
      return sum + leases * Self.usage(of: group.element)
    }
  }

  /// Tasks that are leased ahead count as one together.
  private static func usage(of group: Job.Group) -> Int {
    max(1, group.needs.cores) * 1_000_000 / (1 + group.leaseAhead)
  }
}
