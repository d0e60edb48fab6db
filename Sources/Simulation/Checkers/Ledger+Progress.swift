import Scheduling

/// G8, G9, and the end: something goes on while it can, nothing grows without bound, and after all faults everything ends.
extension Ledger {
  /// The longest pause that can be explained, in seconds: a lease, a back-off, a drain, a few segments.
  private var patience: Double {
    let segment = works.values.flatMap(\.draft.segmentSeconds).max() ?? 0
    return 60 + options.scheduling.leaseSeconds + 1.3 * options.scheduling.backoffSecondsMax + 4 * segment
  }

  func healed(at now: Instant) { end = now.advanced(bySeconds: secondsToTheEnd) }

  /// Looks at what should go on, and at what should be bounded.
  func inspect() {
    let now = cluster.now
    checkBounds()
    if let end, now > end {
      let open = works.keys.filter { !finished.contains($0) }.map { "\($0)" }
      cluster.fail(.liveness, "G8", "jobs \(open.joined(separator: ", ")) have not ended long after all faults")
    }
    guard now.seconds(since: lastProgress) > patience else { return }
    guard let worker = cluster.workers.first(where: { isSteady($0, now) }), let task = runnableTask else { return }
    let waited = now.seconds(since: lastProgress)
    cluster.fail(.liveness, "G8", "task \(task) could run on \(worker.id), and nothing goes on for \(short(waited)) s")
  }

  /// Whether nothing has been in the way of a worker for a while.
  private func isSteady(_ worker: WorkerProcess, _ now: Instant) -> Bool {
    guard let coordinator = cluster.coordinator else { return false }
    let areUndisturbed = [worker.host, coordinator.host].allSatisfy { host in
      host.isUp && host.disturbances == 0 && now.seconds(since: host.lastDisturbed) > patience
    }
    return areUndisturbed && worker.isRunning && !worker.isDraining && !worker.isMisbehaving
      && now.seconds(since: worker.started) > patience && now.seconds(since: coordinator.started) > patience
  }

  /// A task that waits for nothing.
  private var runnableTask: TaskID? {
    for (id, work) in works where outcomes[id] == nil {
      for (position, group) in work.draft.groups.enumerated() {
        guard group.after.allSatisfy({ isComplete($0, of: id) }), group.beside == nil else { continue }
        let open = (0..<group.count).lazy.map { TaskID(job: id, group: position, index: $0) }.first { task in
          let history = self.tasks[task] ?? TaskHistory()
          return !history.isComplete && history.record.state != .failed && mayStart(task)
        }
        if let open { return open }
      }
    }
    return nil
  }

  /// All that is left, one after the other, with every failure and loss that may still come.
  private var secondsToTheEnd: Double {
    var seconds = 2 * patience
    for (id, work) in works where !finished.contains(id) {
      for (position, group) in work.draft.groups.enumerated() {
        let once = Double(work.draft.segments[position]) * work.draft.segmentSeconds[position] * 1.5
        seconds += Double(group.count) * (once + 5)
        let unhealthy = work.draft.natures[position].count { if case .healthy = $0 { false } else { true } }
        let tries = Double(group.retries + options.scheduling.lossesMax + 1)
        seconds += Double(unhealthy) * tries * (once + options.scheduling.backoffSecondsMax + 10)
      }
    }
    return seconds
  }

  /// G9.
  private func checkBounds() {
    let aheadMax = works.values.flatMap(\.draft.groups).map(\.leaseAhead).max() ?? 0
    for worker in cluster.workers {
      check(
        worker.unacknowledged <= options.unacknowledgedMax + 2 * (worker.slots + aheadMax), "G9",
        "\(worker.id) keeps \(worker.unacknowledged) unacknowledged commits")
    }
    guard let coordinator = cluster.coordinator else { return }
    check(
      coordinator.joinedWorkers <= cluster.workers.count + 64, "G9",
      "the coordinator remembers \(coordinator.joinedWorkers) workers")
    check(
      coordinator.publisher.backlog <= options.backlogMax + CoordinatorProcess.messagesPerTurn + works.count, "G9",
      "\(coordinator.publisher.backlog) commits wait to be published")
  }
}
