import Scheduling

/// G2 and G8 on the wire: who is told what, and whether there was a reason.
extension Ledger {
  /// Silence that is long enough to end a lease, whatever the clocks do.
  private var silenceSeconds: Double { options.scheduling.leaseSeconds * (1 - 2 * options.drift) - 0.01 }

  /// A task is sent to a worker.
  func dispatched(_ lease: Lease, segments: Int, to worker: WorkerID, at now: Instant) {
    let task = lease.task
    var history = tasks[task] ?? TaskHistory()
    check(
      lease.epoch > history.dispatched, "G2",
      "epoch \(lease.epoch) of task \(task) is dispatched after \(history.dispatched)")
    // The same turn may have ended the lease already.
    let holder: WorkerID? = if case .leased(let holder) = history.record.state { holder } else { nil }
    check(
      history.record.epoch > lease.epoch
        || history.record.epoch == lease.epoch && (holder ?? worker) == worker, "G3",
      "epoch \(lease.epoch) of task \(task) is dispatched to \(worker), and that is not durable")
    check(segments == history.committed, "G1", "task \(task) is to go on from \(segments), not \(history.committed)")
    for group in works[task.job]?.draft.groups[task.group].after ?? [] {
      check(isComplete(group, of: task.job), "G1", "task \(task) starts before group \(group) is complete")
    }
    check(mayStart(task), "G1", "task \(task) starts before the tasks that it waits for are complete")
    if let work = works[task.job], let offer = offers[worker] {
      check(
        offer.covers(work.draft.groups[task.group].needs), "placement",
        "task \(task) goes to \(worker), which lacks what it needs")
    }
    (history.dispatched, history.holder, history.isReleased) = (lease.epoch, worker, holder != worker)
    tasks[task] = history
  }

  /// Whether the tasks are complete that one waits for in the groups whose tasks let it go one by one.
  func mayStart(_ task: TaskID) -> Bool {
    (works[task.job]?.draft.groups[task.group].afterEach ?? []).allSatisfy { group in
      (0...task.index).allSatisfy { tasks[TaskID(job: task.job, group: group, index: $0)]?.isComplete == true }
    }
  }

  func isComplete(_ group: Int, of job: JobID) -> Bool {
    (0..<(works[job]?.draft.groups[group].count ?? 0)).allSatisfy { index in
      tasks[TaskID(job: job, group: group, index: index)]?.isComplete == true
    }
  }

  /// A message has reached the coordinator's host. It counts as a sign of life of a worker that has said hello.
  func arrived(from connection: Connection, at now: Instant) {
    if greeted[ObjectIdentifier(connection)] != nil { heard(connection.worker.id, at: now) }
  }

  /// The coordinator takes in a message that may be a reason to end leases.
  func served(_ message: ToCoordinator, from connection: Connection, at now: Instant) {
    let worker = connection.worker.id
    switch message {
    case .hello(_, let holding):
      greeted[ObjectIdentifier(connection)] = connection
      heard(worker, at: now)
      // It may hold an older epoch of a task, when the newer one is still on its way.
      for lease in held(by: worker) where !holding.contains(lease) { release(lease.task) }
    case .goodbye, .closed: releaseAll(of: worker)
    case .handBack(let leases, _): for lease in leases where holds(worker, lease) { release(lease.task) }
    case .failure(let lease): if holds(worker, lease) { release(lease.task) }
    case .commits, .heartbeat, .put, .fetch: break
    }
  }

  private func heard(_ worker: WorkerID, at now: Instant) {
    // After such a silence the coordinator may have given the worker up.
    if let last = lastArrivals[worker], now.seconds(since: last) >= silenceSeconds { releaseAll(of: worker) }
    lastArrivals[worker] = now
  }

  /// A restarted coordinator waits for its workers as if it had just heard them.
  func coordinatorStarted(at now: Instant) {
    greeted = [:]
    for worker in lastArrivals.keys { lastArrivals[worker] = now }
  }

  /// G8: the lease of a worker ends for a reason only, which must be known when the end is written.
  func checkEnd(of task: TaskID, _ before: TaskHistory, _ record: Job.Task, at now: Instant) {
    guard case .leased(let worker) = before.record.state, before.dispatched == before.record.epoch,
      before.holder == worker, !before.isReleased, record.state != .leased(worker), record.state != .completed,
      !mayMakeWay(task, before, at: now)
    else { return }
    let silence = lastArrivals[worker].map { now.seconds(since: $0) } ?? .infinity
    check(
      silence >= silenceSeconds, "G8", "\(worker) was heard \(short(silence)) s ago, and task \(task) is taken from it")
  }

  /// At a commit, a task may give its place to another of its job that is more urgent.
  private func mayMakeWay(_ task: TaskID, _ history: TaskHistory, at now: Instant) -> Bool {
    guard history.committedAt == now, let groups = works[task.job]?.draft.groups else { return false }
    return groups.contains { $0.priority > groups[task.group].priority && $0.count > 0 }
  }

  private func held(by worker: WorkerID) -> [Lease] {
    tasks.filter { $0.value.holder == worker && !$0.value.isReleased }
      .map { Lease(task: $0.key, epoch: $0.value.dispatched) }
  }

  private func holds(_ worker: WorkerID, _ lease: Lease) -> Bool {
    tasks[lease.task]?.holder == worker && tasks[lease.task]?.dispatched == lease.epoch
  }

  private func release(_ task: TaskID) { tasks[task]?.isReleased = true }

  private func releaseAll(of worker: WorkerID) { for lease in held(by: worker) { release(lease.task) } }

  func workerStarted(_ worker: WorkerProcess) {
    (given[worker.id], dropped[worker.id]) = ([], [])
    offers[worker.id] = options.offers[worker.host.number]
  }

  func workerEnded(_ worker: WorkerProcess, at now: Instant) {
    (given[worker.id], dropped[worker.id]) = (nil, nil)
  }

  /// A worker gets tasks.
  func received(_ assignments: [Assignment], by worker: WorkerProcess) {
    for assignment in assignments {
      dropped[worker.id]?.remove(assignment.lease)
      given[worker.id]?.insert(assignment.lease)
      check(
        assignment.lease.epoch <= newestEpoch(of: assignment.lease.task), "G3",
        "\(worker.id) gets an epoch of task \(assignment.lease.task) that is not durable")
    }
  }

  /// A worker is told to drop a task that it was given: for a reason only.
  func revoked(_ lease: Lease, from worker: WorkerProcess) {
    dropped[worker.id]?.insert(lease)
    guard given[worker.id]?.contains(lease) == true, !worker.isMisbehaving, outcomes[lease.task.job] == nil,
      let history = tasks[lease.task]
    else { return }
    let isEnded = history.isComplete || history.record.state == .failed
    check(
      history.record.epoch > lease.epoch || isEnded, "G8",
      "\(worker.id) loses task \(lease.task), and nobody else was given it")
  }

  /// A worker claims segments.
  func claimed(_ commits: [Commit], by worker: WorkerProcess) {
    for commit in commits {
      check(
        dropped[worker.id]?.contains(commit.lease) != true, "G2",
        "\(worker.id) claims segment \(commit.segment) of task \(commit.lease.task), which it was told to drop")
    }
  }
}
