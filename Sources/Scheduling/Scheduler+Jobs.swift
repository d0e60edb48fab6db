extension Scheduler {
  mutating func submit(_ job: Job, _ commands: inout [Command]) {
    guard jobs[job.id] == nil else { return }
    jobs[job.id] = JobProgress(job)
    for group in job.groups.indices { ready.insert(GroupKey(priority: job.priority, job: job.id, group: group)) }
  }

  mutating func cancel(_ id: JobID, _ commands: inout [Command]) {
    guard let progress = jobs.removeValue(forKey: id) else { return }
    commands.append(.persistOutcome(id, .cancelled))
    for (group, position) in zip(progress.groups, 0...) {
      for (record, index) in zip(group.records, 0...) {
        guard case .leased(let worker) = record.state else { continue }
        let lease = Lease(task: TaskID(job: id, group: position, index: index), epoch: record.epoch)
        removeLease(lease, from: worker)
        commands.append(.revoke(lease, from: worker))
      }
    }
  }

  /// Takes up a job where a crashed coordinator left it. Leases are restored with a fresh deadline, so that workers
  /// which never noticed simply go on.
  /// - Parameters:
  ///   - job: The job, which has not ended.
  ///   - records: The stored records of its tasks, in any order.
  ///   - now: The present of this process.
  public mutating func restore(_ job: Job, records: [(TaskID, Job.Task)], at now: Instant) {
    var progress = JobProgress(job)
    var restored: [(Lease, WorkerID)] = []
    for (task, stored) in records.sorted(by: { $0.0 < $1.0 }) where task.job == job.id {
      guard job.groups.indices.contains(task.group), (0..<job.groups[task.group].count).contains(task.index) else {
        continue
      }
      var record = stored
      if case .backingOff = record.state { record.state = .queued }
      if case .leased(let worker) = record.state { restored.append((Lease(task: task, epoch: record.epoch), worker)) }
      progress.groups[task.group].restore(record, at: task.index)
    }
    progress.recount()
    jobs[job.id] = progress
    for group in job.groups.indices { ready.insert(GroupKey(priority: job.priority, job: job.id, group: group)) }
    for (lease, worker) in restored {
      if workers[worker] == nil { add(worker, slots: 0, at: now) }
      addLease(lease, to: worker)
    }
  }
}

extension GroupProgress {
  fileprivate mutating func restore(_ record: Job.Task, at index: Int) {
    while records.count <= index {
      returned.insert(records.count)
      records.append(Job.Task())
    }
    records[index] = record
    if record.state == .completed { completed += 1 }
  }
}

extension JobProgress {
  /// Derives from the records of the tasks what follows from them.
  fileprivate mutating func recount() {
    for (group, position) in zip(job.groups, 0...) {
      groups[position].unmet = group.after.filter { groups[$0].completed < groups[$0].count }.count
      openTasks -= groups[position].records.filter(\.hasEnded).count
      hasFailed = hasFailed || groups[position].records.contains { $0.state == .failed }
    }
    // Groups come after those they wait for, so one pass finds all that can never start.
    for (group, position) in zip(job.groups, 0...) where group.after.contains(where: cannotComplete) {
      groups[position].isDropped = true
      openTasks -= group.count
    }
  }

  private func cannotComplete(_ group: Int) -> Bool {
    groups[group].isDropped || groups[group].records.contains { $0.state == .failed }
  }
}
