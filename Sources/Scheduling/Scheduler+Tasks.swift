extension Scheduler {
  mutating func commit(_ commit: Commit, by id: WorkerID, _ now: Instant, _ commands: inout [Command]) {
    guard workers[id] != nil else { return }
    workers[id]?.lastHeard = now
    let task = commit.lease.task
    guard let record = record(of: task), record.epoch == commit.lease.epoch else {
      return commands.append(.revoke(commit.lease, from: id))
    }
    if commit.segment < record.segments { return commands.append(.acknowledge(commit, to: id)) }
    // One before it was lost with a connection; on its return the worker sends all again, in order.
    guard commit.segment == record.segments else { return }
    guard adopt(commit.lease, by: id, &commands) else { return commands.append(.revoke(commit.lease, from: id)) }
    update(task, &commands) { record in
      record.segments += 1
      record.losses = 0
      if commit.isLast { record.state = .completed }
    }
    commands.append(.persistCommit(commit))
    commands.append(.acknowledge(commit, to: id))
    commands.append(.publish(task, segment: commit.segment))
    if commit.isLast {
      removeLease(commit.lease, from: id)
      complete(task, &commands)
    } else {
      releaseCompanions(of: task)
      makeWay(commit.lease, on: id, &commands)
    }
  }

  mutating func fail(_ lease: Lease, by id: WorkerID, _ now: Instant, _ commands: inout [Command]) {
    workers[id]?.lastHeard = now
    // Acknowledges the failure, too: the worker holds the task no longer.
    defer { commands.append(.revoke(lease, from: id)) }
    guard let record = record(of: lease.task), record.epoch == lease.epoch, record.state == .leased(id) else { return }
    removeLease(lease, from: id)
    let retries = jobs[lease.task.job]?.job.groups[lease.task.group].retries ?? 0
    let isSpent = record.failures >= retries
    let until = now.advanced(bySeconds: backoff(of: lease.task, failures: record.failures))
    update(lease.task, &commands) { record in
      record.epoch += 1
      record.failures += 1
      record.state = isSpent ? .failed : .backingOff(until: until)
    }
    if isSpent {
      noteFailure(of: lease.task, &commands)
    } else {
      self.retries.insert(Retry(instant: until, task: lease.task))
    }
  }

  /// Seconds to wait after one more failure: doubling, and spread by up to a quarter so that tasks that failed together
  /// do not come back together. The spread is a function of the task, not of chance.
  private func backoff(of task: TaskID, failures: Int) -> Double {
    let doubled = configuration.backoffSeconds * Double(1 << min(failures, 20))
    let spread = Double((task.index &* 31 &+ failures &* 17) & 15) / 60
    return min(doubled, configuration.backoffSecondsMax) * (1 + spread)
  }

  mutating func requeueRetries(_ now: Instant) {
    while let retry = retries.min, retry.instant <= now {
      retries.removeMin()
      guard var record = record(of: retry.task), record.state == .backingOff(until: retry.instant) else { continue }
      // Not persisted: a restart takes a task that backs off for a queued one anyway.
      record.state = .queued
      jobs[retry.task.job]?.groups[retry.task.group].setRecord(record, at: retry.task.index)
      requeue(retry.task)
    }
  }

  /// Draws the consequences of a task's failure for its job, and drops the groups that wait for it.
  mutating func noteFailure(of task: TaskID, _ commands: inout [Command]) {
    jobs[task.job]?.hasFailed = true
    jobs[task.job]?.openTasks -= 1
    limitGroups(of: task.job)
    endIfDone(task.job, &commands)
  }

  private mutating func complete(_ task: TaskID, _ commands: inout [Command]) {
    jobs[task.job]?.openTasks -= 1
    jobs[task.job]?.groups[task.group].completed += 1
    if let group = jobs[task.job]?.groups[task.group], group.isComplete {
      release(groupsAfter: task.group, of: task.job)
    }
    releaseCompanions(of: task)
    limitGroups(of: task.job)
    endIfDone(task.job, &commands)
  }

  /// Lets the groups start that waited for a group which is now complete.
  mutating func release(groupsAfter group: Int, of id: JobID) {
    guard let job = jobs[id]?.job else { return }
    for (position, waiting) in job.groups.enumerated() where waiting.after.contains(group) {
      jobs[id]?.groups[position].unmet -= 1
      makeReady(position, of: id)
    }
  }
}
