import Foundation
import Glibc
import Messaging
import Scheduling
import Store

extension WorkerProcess {
  func takePosts() {
    for post in desk.posts.takeAll() {
      switch post {
      case .produced(let report): sharesStore ? claim(report) : upload(report)
      case .paused(let report):
        pausing[report.commit.lease] = report
        sharesStore ? claim(report) : upload(report)
      case .failed(let lease, let message):
        failures[lease] = message
        failedTasks += 1
        handle(.failed(lease))
      case .wanted(let request): fetcher.add(request)
      }
    }
  }

  private func upload(_ report: CommitReport) {
    guard let blobs = desk.blobs else { return claim(report) }
    do throws(StoreError) {
      for complete in try uploader.add(report, blobs) { claim(complete) }
    } catch {
      desk.settled(report)
      failures[report.commit.lease] = "\(error)"
      handle(.failed(report.commit.lease))
    }
  }

  /// All blobs of a commit, or of a pause, are in the store.
  func claim(_ report: CommitReport) {
    let lease = report.commit.lease
    if pausing[lease] == report {
      pauses[lease] = report
      return handle(.paused(lease))
    }
    reports[report.commit] = report
    handle(.produced(report.commit))
  }

  func handle(_ event: WorkerAgent.Event) {
    for command in agent.handle(event, at: MonotonicClock.now) { carryOut(command) }
  }

  private func carryOut(_ command: WorkerAgent.Command) {
    switch command {
    case .greet(let holding):
      let host = ProcessInfo.processInfo.hostName
      send(
        Hello(
          worker: id, slots: configuration.slots, host: host, processID: getpid(), offer: configuration.offer,
          holding: holding))
    case .heartbeat: send(Heartbeat(progress: desk.progress))
    case .start(let lease):
      guard let assignment = assignments.removeValue(forKey: lease), let job = jobs[lease.task.job] else { return }
      desk.start(assignment, of: job)
    case .stop(let lease): desk.stop(lease)
    case .finish(let lease): desk.finish(lease)
    case .send(let commit): if reports[commit] != nil { commits.add(commit) }
    case .sendFailure(let lease): send(Failure(lease: lease, message: failures[lease] ?? "unknown"))
    case .handBack(let leases):
      let pauses = leases.compactMap { self.pauses[$0] }
      send(HandBack(leases: leases, pauses: pauses.isEmpty ? nil : pauses))
    case .forget(let commit): forget(commit)
    case .leave:
      send(Goodbye())
      isDone = true
    }
  }

  private func forget(_ commit: Commit) {
    commits.remove(commit)
    if let report = reports.removeValue(forKey: commit) { desk.settled(report) }
  }

  /// Sends the commits whose turn it is together, in messages that stay far below the coordinator's limit.
  func sendCommits(withOtherMessage: Bool = false) {
    let reports = commits.next(withOtherMessage: withOtherMessage).compactMap { self.reports[$0] }
    var batch: [CommitReport] = []
    var digests = 0
    for report in reports {
      if batch.count == 32 || digests + report.digests.count > TaskContext.outputsMax {
        send(Commits(reports: batch))
        (batch, digests) = ([], 0)
      }
      batch.append(report)
      digests += report.digests.count
    }
    if !batch.isEmpty { send(Commits(reports: batch)) }
  }

  func sendPieces() {
    guard let blobs = desk.blobs else { return }
    while MonotonicClock.now >= uploadsPausedUntil, let put = uploader.nextPiece() {
      guard let piece = try? blobs.read(put.digest, offset: put.offset, count: BlobPiece.bytesMax) else { return }
      send(put, payload: [piece.bytes])
    }
    while MonotonicClock.now >= fetchesPausedUntil, let fetch = fetcher.nextPiece() { send(fetch) }
  }

  /// Sends a message if there is a connection; whatever matters is sent again after the next welcome.
  private func send(_ body: some MessageBody, payload: [[UInt8]] = []) {
    if !(body is Commits) { sendCommits(withOtherMessage: true) }
    _ = try? socket.send(Message(Envelope(body, payload: payload).frames))
  }
}
