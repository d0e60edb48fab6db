import Scheduling

/// What a computing thread of a worker is at.
struct Run {
  enum Phase {
    /// Waits for blobs that it asked for.
    case fetching
    case computing
    /// Writes the segment's blobs to the store; first the files, then their names.
    case storing(Report, [Blob], isNamed: Bool)
    /// Waits until earlier commits are acknowledged.
    case waiting(Report, [Blob])
  }

  let ticket: Int
  let assignment: Assignment
  var segment: Int
  var state: UInt64 = 0
  var phase = Phase.fetching
  /// What it waits for, to go on from.
  var wanted: [Digest] = []

  var lease: Lease { assignment.lease }
}

extension WorkerProcess {
  /// Threads that wait for work or for room go on.
  func startWork() {
    for thread in threads.indices {
      if case .waiting(let report, let blobs)? = threads[thread]?.phase { commit(report, blobs, thread) }
      while isAlive, threads[thread] == nil, let assignment = work.popFirst() { start(assignment, thread) }
    }
  }

  private func start(_ assignment: Assignment, _ thread: Int) {
    guard !stopped.contains(assignment.lease) else { return forget(assignment.lease) }
    nextTicket += 1
    var run = Run(ticket: nextTicket, assignment: assignment, segment: assignment.segments)
    run.wanted = assignment.checkpoint.map { [$0] } ?? assignment.artifacts
    threads[thread] = run
    if run.wanted.isEmpty {
      begin(thread, with: [:])
    } else if sharesStore {
      begin(thread, with: readFromStore(run.wanted))
    } else {
      send(.fetch(run.wanted))
    }
  }

  private func readFromStore(_ digests: [Digest]) -> [Digest: UInt64] {
    var blobs: [Digest: UInt64] = [:]
    for digest in digests {
      if case .bytes(let bytes)? = cluster.disk.read(.blob(digest)) { blobs[digest] = bytes }
    }
    if blobs.count < Set(digests).count {
      cluster.fail(.safety, "G3", "\(id) finds a blob of a committed segment missing from the store")
    }
    return blobs
  }

  /// Goes on from a checkpoint, or from the results of the tasks before.
  func begin(_ thread: Int, with blobs: [Digest: UInt64]) {
    guard let run = threads[thread] else { return }
    let contents = run.wanted.compactMap { blobs[$0] }
    threads[thread]?.state =
      run.assignment.checkpoint == nil ? Work.start(run.lease.task, artifacts: contents) : contents.first ?? 0
    compute(thread)
  }

  private func compute(_ thread: Int) {
    guard let run = threads[thread] else { return }
    threads[thread]?.phase = .computing
    guard let work = cluster.ledger.works[run.lease.task.job] else { return }
    let usual = work.draft.segmentSeconds[run.lease.task.group]
    goOn(thread, after: usual * cluster.chance.between(0.25, 0.75))
  }

  private func goOn(_ thread: Int, after seconds: Double) {
    guard let run = threads[thread] else { return }
    cluster.timeline.add(
      .step(self, thread: thread, ticket: run.ticket), at: cluster.now.advanced(bySeconds: seconds))
  }

  /// A thread has done what it was doing.
  func step(_ thread: Int, ticket: Int) {
    guard let run = threads[thread], run.ticket == ticket else { return }
    switch run.phase {
    case .computing: Work.isHalfway(run.state) ? finishSegment(run, thread) : reachMiddle(run, thread)
    case .storing(let report, let blobs, let isNamed): goOnStoring(report, blobs, isNamed: isNamed, thread)
    case .fetching, .waiting: break
    }
  }

  private func finishSegment(_ run: Run, _ thread: Int) {
    guard !stopped.contains(run.lease) else { return release(thread) }
    guard let work = cluster.ledger.works[run.lease.task.job] else { return }
    switch work.nature(of: run.lease.task) {
    case .poison:
      cluster.trace(self, "is killed by task \(run.lease.task)")
      return cluster.end(self, silently: false)
    case .failing: return fail(thread)
    case .flaky(let times) where cluster.ledger.failures(of: run.lease.task) < times: return fail(thread)
    case .flaky, .healthy: break
    }
    let state = Work.secondHalf(run.state)
    let isLast = run.segment == work.segments(of: run.lease.task) - 1
    let commit = Commit(lease: run.lease, segment: run.segment, isLast: isLast)
    threads[thread]?.state = state
    guard !cluster.options.bringsNothing else {
      return self.commit(Report(commit: commit, draws: nil, checkpoint: nil), [], thread)
    }
    let (draws, checkpoint) = (Blob(Work.draws(state)), Blob(state))
    let report = Report(commit: commit, draws: draws.digest, checkpoint: isLast ? nil : checkpoint.digest)
    store(report, isLast ? [draws] : [draws, checkpoint], thread)
  }

  /// In the middle of a segment a task pauses if its worker drains.
  private func reachMiddle(_ run: Run, _ thread: Int) {
    guard !stopped.contains(run.lease) else { return release(thread) }
    let state = Work.firstHalf(run.state, segment: run.segment)
    threads[thread]?.state = state
    guard finishing.contains(run.lease), !cluster.options.bringsNothing else { return compute(thread) }
    let commit = Commit(lease: run.lease, segment: run.segment, isLast: false)
    let checkpoint = Blob(state)
    store(Report(commit: commit, draws: nil, checkpoint: checkpoint.digest), [checkpoint], thread)
  }

  private func store(_ report: Report, _ blobs: [Blob], _ thread: Int) {
    guard sharesStore else { return commit(report, blobs, thread) }
    threads[thread]?.phase = .storing(report, blobs, isNamed: false)
    goOn(thread, after: cluster.fsyncSeconds())
  }

  private func fail(_ thread: Int) {
    guard let lease = threads[thread]?.lease else { return }
    cluster.ledger.failed(lease, at: self)
    cluster.trace(self, "task \(lease.task) fails")
    release(thread)
    handle(.failed(lease))
  }

  private func goOnStoring(_ report: Report, _ blobs: [Blob], isNamed: Bool, _ thread: Int) {
    guard !cluster.disk.isFull || isNamed else {
      // A full disk is waited for.
      return stopped.contains(report.commit.lease) ? release(thread) : goOn(thread, after: 2)
    }
    let isSyncing = cluster.mutant != .blobNotSynced
    for blob in blobs {
      let path = Path.blob(blob.digest)
      if cluster.disk.file(at: path) == nil {
        cluster.disk.store(.bytes(blob.bytes), as: path, syncing: isSyncing)
      } else if isNamed {
        cluster.disk.sync(nameOf: path)
      }
    }
    guard isSyncing, !isNamed else { return commit(report, blobs, thread) }
    threads[thread]?.phase = .storing(report, blobs, isNamed: true)
    goOn(thread, after: cluster.fsyncSeconds())
  }

  /// Claims a segment, when there is room for one more; a pause needs none.
  private func commit(_ report: Report, _ blobs: [Blob], _ thread: Int) {
    let lease = report.commit.lease
    let isPause = Work.isHalfway(threads[thread]?.state ?? 0)
    threads[thread]?.phase = .waiting(report, blobs)
    guard room > 0 || isPause else {
      if stopped.contains(lease) { release(thread) }
      return
    }
    if !isPause { room -= 1 }
    if isPause || report.commit.isLast || finishing.contains(lease) {
      release(thread)
    } else {
      threads[thread]?.segment += 1
      compute(thread)
    }
    sharesStore || report.isEmpty ? claim(report) : upload(report, blobs)
  }

  /// The thread is free for another task.
  private func release(_ thread: Int) {
    guard let run = threads[thread] else { return }
    threads[thread] = nil
    forget(run.lease)
    startWork()
  }

  private func forget(_ lease: Lease) {
    stopped.remove(lease)
    finishing.remove(lease)
  }

  /// A thread that waits for room looks from time to time whether its task is still wanted.
  func checkWanted() {
    for thread in threads.indices {
      guard case .waiting(let report, _)? = threads[thread]?.phase else { continue }
      if stopped.contains(report.commit.lease) { release(thread) }
    }
  }
}
