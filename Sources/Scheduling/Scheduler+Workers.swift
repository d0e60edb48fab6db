extension Scheduler {
  mutating func join(
    _ id: WorkerID, _ slots: Int, _ holding: [Lease], _ now: Instant, _ commands: inout [Command]
  ) {
    if workers[id] == nil { add(id, slots: slots, at: now) }
    workers[id]?.slots = slots
    workers[id]?.lastHeard = now
    workers[id]?.acceptsTasks = true
    let held = Set(holding)
    for lease in leases(of: id) where !held.contains(lease) {
      // The dispatch never arrived.
      removeLease(lease, from: id)
      giveBack(lease.task, &commands)
    }
    let known = Set(leases(of: id))
    for lease in holding where !known.contains(lease) {
      if !adopt(lease, by: id, &commands) { commands.append(.revoke(lease, from: id)) }
    }
    noteLoad(of: id)
  }

  mutating func add(_ id: WorkerID, slots: Int, at now: Instant) {
    let sequence = nextSequence
    nextSequence += 1
    workers[id] = Worker(id: id, sequence: sequence, slots: slots, lastHeard: now, acceptsTasks: false)
    let end = now.advanced(bySeconds: configuration.leaseSeconds)
    deadlines.insert(WorkerDeadline(instant: end, sequence: sequence, worker: id))
  }

  /// Restores the lease of a worker that was given up, if nobody has worked on the task since.
  mutating func adopt(_ lease: Lease, by id: WorkerID, _ commands: inout [Command]) -> Bool {
    guard let record = record(of: lease.task), record.epoch == lease.epoch else { return false }
    switch record.state {
    case .queued, .backingOff: break
    case .leased, .completed, .failed, .dropped: return false
    }
    update(lease.task, &commands) { $0.state = .leased(id) }
    addLease(lease, to: id)
    return true
  }

  mutating func handBack(_ given: [Lease], by id: WorkerID, _ commands: inout [Command]) {
    workers[id]?.acceptsTasks = false
    let known = Set(leases(of: id))
    for lease in given where known.contains(lease) {
      removeLease(lease, from: id)
      giveBack(lease.task, &commands)
    }
  }

  /// Ends the leases of a worker that is gone, and forgets it.
  mutating func remove(_ id: WorkerID, _ now: Instant, _ commands: inout [Command]) {
    guard let worker = workers.removeValue(forKey: id) else { return }
    for lease in worker.leases {
      guard let record = record(of: lease.task) else { continue }
      if record.losses >= configuration.lossesMax {
        update(lease.task, &commands) { $0.losses += 1 }
        giveUp(lease.task, &commands)
      } else {
        update(lease.task, &commands) { record in
          record.losses += 1
          record.state = .queued
        }
        requeue(lease.task)
      }
    }
  }

  mutating func expireSilentWorkers(_ now: Instant, _ commands: inout [Command]) {
    while let deadline = deadlines.min, deadline.instant <= now {
      deadlines.removeMin()
      guard let worker = workers[deadline.worker], worker.sequence == deadline.sequence else { continue }
      let end = worker.lastHeard.advanced(bySeconds: configuration.leaseSeconds)
      if end <= now {
        commands.append(.disconnect(worker.id))
        remove(worker.id, now, &commands)
      } else {
        deadlines.insert(WorkerDeadline(instant: end, sequence: worker.sequence, worker: worker.id))
      }
    }
  }

  mutating func addLease(_ lease: Lease, to id: WorkerID) {
    workers[id]?.leases.append(lease)
    noteLoad(of: id)
  }

  mutating func removeLease(_ lease: Lease, from id: WorkerID) {
    guard let position = workers[id]?.leases.firstIndex(of: lease) else { return }
    workers[id]?.leases.remove(at: position)
    noteLoad(of: id)
  }

  private mutating func giveBack(_ task: TaskID, _ commands: inout [Command]) {
    update(task, &commands) { $0.state = .queued }
    requeue(task)
  }

  private mutating func noteLoad(of id: WorkerID) {
    if let worker = workers[id] { freeWorkers.insert(worker, among: workers) }
  }
}
