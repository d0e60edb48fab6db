extension Scheduler {
  mutating func submit(_ job: Job, _ now: Instant, _ commands: inout [Command]) {
    guard jobs[job.id] == nil else { return }
    begin(JobProgress(job), now, &commands)
  }

  mutating func cancel(_ id: JobID, _ commands: inout [Command]) {
    guard let progress = jobs[id] else { return }
    commands.append(.persistOutcome(id, .cancelled))
    for (lease, worker) in progress.leases {
      removeLease(lease, from: worker)
      commands.append(.revoke(lease, from: worker))
    }
    forget(progress.job)
  }

  /// Takes up a job where a crashed coordinator left it. Leases are restored with a fresh deadline, so that workers
  /// which never noticed simply go on.
  /// - Parameters:
  ///   - job: The job, which has not ended.
  ///   - records: The stored records of its tasks, in any order.
  ///   - now: The present of this process.
  /// - Returns: The outcome to persist, if it turns out that nothing was left to do.
  public mutating func restore(_ job: Job, records: [(TaskID, Job.Task)], at now: Instant) -> [Command] {
    var commands: [Command] = []
    let progress = JobProgress(job, records: records)
    begin(progress, now, &commands)
    for (lease, worker) in progress.leases {
      if workers[worker] == nil { add(worker, at: now) }
      addLease(lease, to: worker)
    }
    return commands
  }

  /// Takes up a job that has failed: its failed tasks go on after their last commits, with whole budgets, and what could not
  /// start without them can start.
  /// - Parameters:
  ///   - job: The job, which has ended.
  ///   - records: The stored records of its tasks, in any order.
  ///   - now: The present of this process.
  /// - Returns: What to persist and to do, in order.
  public mutating func retry(_ job: Job, records: [(TaskID, Job.Task)], at now: Instant) -> [Command] {
    guard jobs[job.id] == nil else { return [] }
    var commands = [Command.persistOutcome(job.id, nil)]
    let renewed = records.map { task, record in
      guard record.state == .failed else { return (task, record) }
      var record = record
      // Whoever had the task last may still claim it.
      record.epoch += 1
      (record.failures, record.losses, record.state) = (0, 0, .queued)
      commands.append(.persistTask(task, record))
      return (task, record)
    }
    commands += restore(job, records: renewed, at: now)
    assign(&commands)
    return commands
  }

  private mutating func begin(_ progress: JobProgress, _ now: Instant, _ commands: inout [Command]) {
    let job = progress.job
    jobs[job.id] = progress
    enterPools(job)
    for group in job.groups.indices {
      makeReady(group, of: job.id)
      scheduleRelease(group, of: job.id, now)
    }
    endIfDone(job.id, &commands)
  }

  private mutating func forget(_ job: Job) {
    jobs[job.id] = nil
    leavePools(job)
  }

  mutating func endIfDone(_ id: JobID, _ commands: inout [Command]) {
    guard let progress = jobs[id], progress.openTasks == 0 else { return }
    forget(progress.job)
    commands.append(.persistOutcome(id, progress.hasFailed ? .failed : .completed))
  }
}
