import Scheduling

/// Blobs go through the coordinator where the store is elsewhere; uploads in the order of the commits.
extension WorkerProcess {
  func upload(_ report: Report, _ blobs: [Blob]) {
    uploads.append((report, blobs))
    sendNextBlob()
  }

  func sendNextBlob() {
    guard !isUploading, clock >= uploadsPausedUntil, let next = uploads.first?.missing.first, let connection else {
      return
    }
    isUploading = true
    cluster.send(.put(next), over: connection)
  }

  /// A blob is durable; a commit all of whose blobs are may be claimed.
  func stored(_ digest: Digest) {
    guard uploads.first?.missing.first?.digest == digest else { return }
    isUploading = false
    uploads[0].missing.removeFirst()
    guard uploads[0].missing.isEmpty else { return }
    let (report, _) = uploads.removeFirst()
    claim(report)
  }

  func take(_ blobs: [Digest: UInt64]) {
    for thread in threads.indices {
      guard let run = threads[thread], case .fetching = run.phase else { continue }
      if run.wanted.allSatisfy({ blobs[$0] != nil }) { begin(thread, with: blobs) }
    }
  }

  /// After a broken connection everything under way starts anew.
  func restartTransfers() {
    isUploading = false
    sendNextBlob()
    for run in threads {
      if let run, case .fetching = run.phase { send(.fetch(run.wanted)) }
    }
  }
}

/// Things that no honest worker says: wrong epochs, wrong segments, tasks that do not exist or belong to others, claims
/// without results.
extension WorkerProcess {
  func misbehave() {
    guard let connection, let task = cluster.ledger.anyTask(&cluster.chance), let lease = wrongLease(task) else {
      return
    }
    var messages: [ToCoordinator] = [.failure(lease), claim(lease)]
    if let forged = cluster.ledger.forgedReport(lease) { messages.append(.commits([forged])) }
    if let record = cluster.ledger.tasks[task]?.record, case .leased(let holder) = record.state, holder != id {
      let others = Lease(task: task, epoch: record.epoch)
      messages += [.failure(others), claim(others)]
    }
    if let message = cluster.chance.element(of: messages) { cluster.send(message, over: connection) }
  }

  private func wrongLease(_ task: TaskID) -> Lease? {
    let epoch = cluster.ledger.newestEpoch(of: task)
    // An epoch that will never be, or has been: the next one might be its own by the time the message arrives.
    let wrong = cluster.chance.oneIn(2) ? epoch - 1 - cluster.chance.below(3) : epoch + 1_000_000
    let nowhere = TaskID(
      job: task.job, group: task.group + cluster.chance.below(9), index: -1 - cluster.chance.below(9))
    return cluster.chance.element(of: [
      Lease(task: task, epoch: wrong), Lease(task: nowhere, epoch: 1),
      Lease(task: TaskID(job: JobID(rawValue: 9999), group: 0, index: 0), epoch: epoch),
    ])
  }

  /// A claim whose blob was never stored.
  private func claim(_ lease: Lease) -> ToCoordinator {
    let commit = Commit(lease: lease, segment: cluster.chance.from(-1...7), isLast: cluster.chance.oneIn(2))
    return .commits([Report(commit: commit, draws: 1, checkpoint: nil)])
  }
}
