extension Scheduler {
  /// A task could go to a worker now.
  private struct Placement {
    let needs: Resources
    let job: JobID
    let group: GroupRank
    let standing: Standing
    let worker: WorkerID
    let load: Load

    /// Whether this one goes before another: the job whose turn it is, and in it the group of higher priority.
    func precedes(_ other: Placement) -> Bool {
      job == other.job ? group < other.group : standing < other.standing
    }
  }

  /// Dispatches whatever can be: O(log n) for each task, and for each pool, of which there are as many as different needs.
  mutating func assign(_ commands: inout [Command]) {
    while let placement = nextPlacement() {
      guard let index = jobs[placement.job]?.groups[placement.group.group].takeNext() else { continue }
      let task = TaskID(job: placement.job, group: placement.group.group, index: index)
      dispatch(task, to: preferredWorker(for: placement), &commands)
    }
  }

  private mutating func nextPlacement() -> Placement? {
    var best: Placement?
    var aheads: [Placement] = []
    var waiting: [Int] = []
    for position in pools.values.indices {
      guard let (worker, load) = pools.values[position].workers.first(),
        let (job, group, standing) = pools.values[position].first(in: &jobs)
      else { continue }
      let leaseAhead = jobs[job]?.job.groups[group.group].leaseAhead ?? 0
      let placement = Placement(
        needs: pools.keys[position], job: job, group: group, standing: standing, worker: worker, load: load)
      if load.value < 0 {
        if best.map(placement.precedes) ?? true { best = placement }
      } else if load.value < leaseAhead {
        aheads.append(placement)
      } else {
        waiting.append(position)
      }
    }
    // A slot that is free now is never left waiting for a better order of leases ahead.
    return best
      ?? aheads.filter { placement in
        // Nothing is sent ahead to a worker for whose next free slot another task waits: it would wait for ever.
        !waiting.contains { pools.values[$0].workers[placement.worker] != nil }
      }.min { $0.precedes($1) }
  }

  /// A worker that has had tasks of the job holds its inputs, and is taken if it is loaded no more than the least loaded.
  private func preferredWorker(for placement: Placement) -> WorkerID {
    guard let pool = pools[placement.needs], let recent = jobs[placement.job]?.recentWorkers else {
      return placement.worker
    }
    return recent.last { (pool.workers[$0]?.value ?? .max) <= placement.load.value } ?? placement.worker
  }

  mutating func dispatch(_ task: TaskID, to worker: WorkerID, _ commands: inout [Command]) {
    update(task, &commands) { record in
      record.epoch += 1
      record.state = .leased(worker)
    }
    guard let record = record(of: task) else { return }
    let lease = Lease(task: task, epoch: record.epoch)
    jobs[task.job]?.noteTurn(on: worker, latestTurns: latestTurns)
    latestTurns = max(latestTurns, jobs[task.job]?.standing.turns ?? 0)
    addLease(lease, to: worker)
    commands.append(.dispatch(lease, segments: record.segments, to: worker))
  }
}

extension Scheduler {
  /// Makes the tasks of a group available to be dispatched.
  mutating func makeReady(_ group: Int, of id: JobID) {
    guard let progress = jobs[id] else { return }
    var standing = progress.standing
    // A job that had nothing to dispatch must not make up for turns it could not have used.
    if progress.job.needs.allSatisfy({ pools[$0]?.jobs[id] == nil }) {
      standing.turns = max(standing.turns, latestTurns)
    }
    jobs[id]?.standing = standing
    pools[progress.job.groups[group].needs]?.insert(group, of: progress.job, standing: standing)
  }

  /// Has a job served by the pools of its needs.
  mutating func enterPools(_ job: Job) {
    for needs in job.needs {
      if pools[needs] == nil {
        var pool = Pool(needs: needs)
        for worker in workers.values where worker.accepts(needs) { pool.workers[worker.id] = worker.load }
        pools[needs] = pool
      }
      pools[needs]?.jobsServed += 1
    }
  }

  mutating func leavePools(_ job: Job) {
    for needs in job.needs {
      pools[needs]?.remove(job.id)
      pools[needs]?.jobsServed -= 1
      if pools[needs]?.jobsServed == 0 { pools[needs] = nil }
    }
  }

  /// Notes the present load of a worker, and whether it accepts tasks, where it could be chosen.
  mutating func noteLoad(of id: WorkerID) {
    let worker = workers[id]
    for position in pools.values.indices {
      let accepts = worker?.accepts(pools.keys[position]) == true
      pools.values[position].workers[id] = accepts ? worker?.load : nil
    }
  }

  /// Notes what a job uses now.
  mutating func changeUsage(of id: JobID, by change: Int) {
    guard jobs[id] != nil else { return }
    jobs[id]?.standing.usage += change
    guard let progress = jobs[id] else { return }
    for needs in progress.job.needs where pools[needs]?.jobs[id] != nil { pools[needs]?.jobs[id] = progress.standing }
  }

  /// Needs of a running job's waiting tasks that no connected worker meets.
  public func unmetNeeds(of id: JobID) -> [Resources] {
    jobs[id]?.job.needs.filter { needs in
      pools[needs].map { $0.jobs[id] != nil && $0.workers.isEmpty } ?? false
    } ?? []
  }
}
