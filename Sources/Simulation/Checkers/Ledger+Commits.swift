import Scheduling

/// G1 to G4, and the retry budget: what may stand in the catalogue.
extension Ledger {
  /// A transaction is durable.
  func written(_ changes: [SimulatedCatalogue.Change], at now: Instant) {
    for change in changes {
      switch change {
      case .task(let task, let record): written(record, of: task, at: now)
      case .commit(let report): written(report, at: now)
      case .pause(let task, let pause):
        check(
          cluster.disk.isDurable(.blob(pause.checkpoint)), "G3",
          "task \(task) has paused, and its checkpoint is not synced")
      case .outcome(let job, let outcome): if let outcome { written(outcome, of: job) }
      case .finished(let job): finished.insert(job)
      }
    }
  }

  private func written(_ report: Report, at now: Instant) {
    let (commit, task) = (report.commit, report.commit.lease.task)
    let history = tasks[task] ?? TaskHistory()
    let name = "segment \(commit.segment) of task \(task)"
    check(commit.segment == history.committed, "G1", "\(name) is committed after \(history.committed) segments")
    check(!history.isComplete, "G1", "\(name) is committed after the last one")
    check(
      commit.lease.epoch >= history.dispatched, "G2",
      "\(name) is committed by epoch \(commit.lease.epoch) after epoch \(history.dispatched) was dispatched")
    guard let work = works[task.job], work.results.indices.contains(task.group),
      work.results[task.group].indices.contains(task.index),
      work.results[task.group][task.index].indices.contains(commit.segment)
    else { return check(false, "G6", "\(name) is committed, and does not exist") }
    let expected = Work.digest(work.results[task.group][task.index][commit.segment])
    check(
      report.draws == expected || options.bringsNothing, "G4", "\(name) has other results than in an undisturbed run")
    check(
      commit.isLast == (commit.segment == work.segments(of: task) - 1), "G1", "\(name) is committed as the last one")
    for digest in report.digests {
      check(cluster.disk.isDurable(.blob(digest)), "G3", "\(name) is committed, and a blob of it is not synced")
    }
    tasks[task, default: TaskHistory()].committed += 1
    tasks[task]?.isComplete = commit.isLast
    tasks[task]?.committedAt = now
    tasks[task]?.leases = 1
    commits += 1
    lastProgress = now
    remember(report)
  }

  private func written(_ record: Job.Task, of task: TaskID, at now: Instant) {
    var history = tasks[task] ?? TaskHistory()
    check(outcomes[task.job] == nil, "G1", "task \(task) moves after the end of its job")
    check(record.epoch >= history.record.epoch, "G2", "the epoch of task \(task) falls")
    if record.failures > history.record.failures || record.losses > history.record.losses { lastProgress = now }
    checkEnd(of: task, history, record, at: now)
    if case .leased = record.state, record.epoch > history.record.epoch { history.leases += 1 }
    if record.state == .failed {
      let retries = works[task.job]?.draft.groups[task.group].retries ?? 0
      check(
        history.failures > retries || history.leases > options.scheduling.lossesMax, "retry budget",
        "task \(task) is given up after \(history.failures) failures of its own and \(history.leases) leases")
    }
    history.record = record
    tasks[task] = history
  }

  private func written(_ outcome: Job.Outcome, of id: JobID) {
    check(outcomes[id] == nil, "G1", "job \(id) ends twice")
    outcomes[id] = outcome
    guard let work = works[id] else { return }
    let all = work.draft.groups.enumerated().flatMap { group, description in
      (0..<description.count).compactMap { index in
        // Of those that start beside others, any number may never start.
        tasks[TaskID(job: id, group: group, index: index)] ?? (description.beside == nil ? TaskHistory() : nil)
      }
    }
    switch outcome {
    case .completed: check(all.allSatisfy(\.isComplete), "G1", "job \(id) is completed, and not all of its tasks are")
    case .failed: check(all.contains { $0.record.state == .failed }, "G8", "job \(id) failed, and no task did")
    case .cancelled: check(cancelled.contains(id), "G6", "job \(id) is cancelled, and nobody asked for it")
    }
  }

  /// G3: what a worker is told to be committed for good is durable now.
  func acknowledged(_ commits: [Commit], to worker: WorkerProcess) {
    for commit in commits {
      let task = commit.lease.task
      check(
        commit.segment < tasks[task]?.committed ?? 0, "G3",
        "\(worker.id) is told that segment \(commit.segment) of task \(task) is committed, and it is not durable")
      let acknowledged = tasks[task]?.acknowledged ?? 0
      tasks[task]?.acknowledged = max(acknowledged, commit.segment + 1)
    }
  }

  /// G3: after a loss of power everything is there that was written, and with it all that anyone was told.
  func lostPower(_ disk: Disk) {
    for (task, history) in tasks.sorted(by: { $0.key < $1.key }) {
      let reports = cluster.catalogue.reports(of: task)
      check(
        reports.count == history.committed && cluster.catalogue.record(of: task)?.epoch ?? 0 == history.record.epoch,
        "G3",
        "of task \(task) \(history.committed) segments were written, \(history.acknowledged) of them acknowledged, and "
          + "\(reports.count) have survived")
      for digest in reports.flatMap(\.digests) {
        check(
          disk.read(.blob(digest)).map(Self.digest) == digest, "G3",
          "a blob of a commit of task \(task) has not survived")
      }
    }
    for (id, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
      check(
        cluster.catalogue.job(id).outcome == outcome, "G3", "the end of job \(id) was written, and has not survived")
    }
    for job in works.keys { lookAtAll(of: job, disk) }
  }

  private static func digest(_ content: Content) -> Digest? {
    if case .bytes(let bytes) = content { Work.digest(bytes) } else { nil }
  }
}
