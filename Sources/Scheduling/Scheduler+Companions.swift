/// What tasks of a job have to do with others of the same job while both are at work.
extension Scheduler {
  /// Lets tasks start that wait for one of another group, or accompany it.
  mutating func releaseCompanions(of task: TaskID) {
    guard let job = jobs[task.job]?.job else { return }
    for (position, group) in job.groups.enumerated()
    where group.afterEach.contains(task.group) || group.beside?.group == task.group {
      if case .seconds = group.beside?.pace { continue }
      jobs[task.job]?.release(position)
      if jobs[task.job]?.groups[position].hasUntouched == true { makeReady(position, of: task.job) }
    }
  }

  /// Draws the consequences of the end of a task for groups that it lets, or does not let, come to their end. Groups wait for
  /// earlier ones, so one pass finds all.
  mutating func limitGroups(of id: JobID) {
    guard let job = jobs[id]?.job else { return }
    for position in job.groups.indices {
      let group = job.groups[position]
      guard !group.after.isEmpty || !group.afterEach.isEmpty || group.beside != nil else { continue }
      let wasComplete = jobs[id]?.groups[position].isComplete
      let fewer = jobs[id]?.limit(position) ?? 0
      jobs[id]?.openTasks -= fewer
      if fewer > 0, jobs[id]?.groups[position].isComplete != wasComplete { release(groupsAfter: position, of: id) }
    }
  }

  /// Notes when a group that accompanies another is to be looked at.
  mutating func scheduleRelease(_ group: Int, of id: JobID, _ now: Instant) {
    guard case .seconds(let pace)? = jobs[id]?.job.groups[group].beside?.pace else { return }
    releases.insert(Release(instant: now.advanced(bySeconds: max(pace, 0.01)), job: id, group: group))
  }

  /// Lets tasks start whose time has come.
  mutating func releaseCompanions(_ now: Instant) {
    while let release = releases.min, release.instant <= now {
      releases.removeMin()
      guard let progress = jobs[release.job], progress.groups[release.group].openTasks > 0 else { continue }
      jobs[release.job]?.releaseNext(release.group)
      if jobs[release.job]?.groups[release.group].hasUntouched == true { makeReady(release.group, of: release.job) }
      scheduleRelease(release.group, of: release.job, now)
    }
  }

  /// At a commit, a task gives its place to one of a higher priority of its own job that waits for such a worker, and goes on
  /// later from there. Nothing is lost by it but what was computed since the commit.
  mutating func makeWay(_ lease: Lease, on id: WorkerID, _ commands: inout [Command]) {
    let task = lease.task
    guard let worker = workers[id], worker.acceptsTasks, worker.leases.count <= worker.slots, isLong(task),
      let group = waitingGroup(before: task.group, of: task.job, on: worker)
    else { return }
    removeLease(lease, from: id)
    giveBack(task, &commands)
    commands.append(.revoke(lease, from: id))
    guard let index = jobs[task.job]?.groups[group].takeNext() else { return }
    dispatch(TaskID(job: task.job, group: group, index: index), to: id, &commands)
  }

  /// The group of highest priority, above that of another group, with a task that could be dispatched to a worker.
  private mutating func waitingGroup(before other: Int, of id: JobID, on worker: Worker) -> Int? {
    guard let job = jobs[id]?.job else { return nil }
    let candidates = job.groups.indices.filter { position in
      job.groups[position].priority > job.groups[other].priority && worker.accepts(job.groups[position].needs)
        && jobs[id]?.groups[position].hasNext() == true
    }
    return candidates.min { job.groups[$0].priority > job.groups[$1].priority }
  }
}
