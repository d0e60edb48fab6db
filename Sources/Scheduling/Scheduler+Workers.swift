extension Scheduler {
  mutating func join(
    _ id: WorkerID, _ slots: Int, _ offer: Resources, _ holding: [Lease], _ now: Instant, _ commands: inout [Command]
  ) {
    if workers[id] == nil { add(id, at: now) }
    workers[id]?.slots = max(0, slots)
    workers[id]?.offer = offer
    workers[id]?.lastHeard = now
    workers[id]?.acceptsTasks = true
    let held = Set(holding)
    for lease in leases(of: id) where !held.contains(lease) {
      // The dispatch never arrived.
      removeLease(lease, from: id)
      giveBack(lease.task, &commands)
    }
    for lease in holding where !adopt(lease, by: id, &commands) { commands.append(.revoke(lease, from: id)) }
    noteLoad(of: id)
  }

  mutating func add(_ id: WorkerID, at now: Instant) {
    let sequence = nextSequence
    nextSequence += 1
    workers[id] = Worker(id: id, sequence: sequence, lastHeard: now)
    let end = now.advanced(bySeconds: configuration.leaseSeconds)
    deadlines.insert(WorkerDeadline(instant: end, sequence: sequence, worker: id))
  }

  /// Whether the worker has this lease; restores it if the worker was given up and nobody has taken the task since.
  mutating func adopt(_ lease: Lease, by id: WorkerID, _ commands: inout [Command]) -> Bool {
    guard let record = record(of: lease.task), record.epoch == lease.epoch else { return false }
    if record.state == .leased(id) { return true }
    guard record.state == .queued, record.losses > 0 else { return false }
    update(lease.task, &commands) { record in
      record.state = .leased(id)
      record.losses -= 1
    }
    addLease(lease, to: id)
    return true
  }

  mutating func handBack(_ given: [Lease], by id: WorkerID, _ commands: inout [Command]) {
    workers[id]?.acceptsTasks = false
    noteLoad(of: id)
    let known = Set(leases(of: id))
    for lease in given where known.contains(lease) {
      removeLease(lease, from: id)
      giveBack(lease.task, &commands)
    }
  }

  /// Ends the leases of a worker that is gone, and forgets it.
  mutating func remove(_ id: WorkerID, _ commands: inout [Command]) {
    guard let worker = workers.removeValue(forKey: id) else { return }
    noteLoad(of: id)
    for (position, lease) in worker.leases.enumerated() {
      changeUsage(of: lease.task.job, by: -usage(of: lease.task))
      // Tasks start in the order of their leases: those that had not started are neither to blame nor to be taken up again.
      if position < max(1, worker.slots) { lose(lease, of: id, &commands) } else { giveBack(lease.task, &commands) }
    }
  }

  /// Queues a task whose worker is gone, or gives it up when it has lost too many: it may be what kills them.
  private mutating func lose(_ lease: Lease, of worker: WorkerID, _ commands: inout [Command]) {
    let task = lease.task
    guard let record = record(of: task) else { return }
    commands.append(.persistLoss(lease, of: worker))
    let isPoison = record.losses >= configuration.lossesMax
    update(task, &commands) { record in
      record.losses += 1
      record.state = isPoison ? .failed : .queued
    }
    if isPoison { noteFailure(of: task, &commands) } else { requeue(task) }
  }

  mutating func expireSilentWorkers(_ now: Instant, _ commands: inout [Command]) {
    while let deadline = deadlines.min, deadline.instant <= now {
      deadlines.removeMin()
      guard let worker = workers[deadline.worker], worker.sequence == deadline.sequence else { continue }
      let end = worker.lastHeard.advanced(bySeconds: configuration.leaseSeconds)
      if end <= now {
        commands.append(.disconnect(worker.id))
        remove(worker.id, &commands)
      } else {
        deadlines.insert(WorkerDeadline(instant: end, sequence: worker.sequence, worker: worker.id))
      }
    }
  }

  mutating func addLease(_ lease: Lease, to id: WorkerID) {
    workers[id]?.leases.append(lease)
    if isLong(lease.task) { workers[id]?.longLeases += 1 }
    changeUsage(of: lease.task.job, by: usage(of: lease.task))
    noteLoad(of: id)
  }

  mutating func removeLease(_ lease: Lease, from id: WorkerID) {
    guard let position = workers[id]?.leases.firstIndex(of: lease) else { return }
    workers[id]?.leases.remove(at: position)
    if isLong(lease.task) { workers[id]?.longLeases -= 1 }
    changeUsage(of: lease.task.job, by: -usage(of: lease.task))
    noteLoad(of: id)
  }

  private func usage(of task: TaskID) -> Int { jobs[task.job]?.job.groups[task.group].usage ?? 0 }

  /// Whether tasks of this kind are leased one at a time.
  func isLong(_ task: TaskID) -> Bool { (jobs[task.job]?.job.groups[task.group].leaseAhead ?? 0) <= 0 }

  /// Queues a task that its worker does not have. The epoch grows, as only a lost lease can be taken up again.
  mutating func giveBack(_ task: TaskID, _ commands: inout [Command]) {
    update(task, &commands) { record in
      record.epoch += 1
      record.state = .queued
    }
    requeue(task)
  }
}
