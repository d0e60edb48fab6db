import Messaging
import Scheduling
import Store

extension Coordinator {
  /// Bytes of a message's JSON at most, but for that which brings a job file.
  private static let bodyBytesMax = 1 << 20

  /// Takes in one message, whoever sent it.
  func take(_ message: Message) {
    let routingID = message.routingID
    guard !outcasts.contains(routingID), isAdmitted(message) else { return }
    do throws(EnvelopeError) {
      let envelope = try Envelope(frames: message.frames)
      guard envelope.body.count <= Self.bodyBytesMax || envelope.type == Submit.type else {
        throw EnvelopeError(message: "the body of \(envelope.type) has more than 1 MiB")
      }
      let role = peers[routingID]?.role
      if let worker = peers[routingID]?.worker { handle(.heard(worker)) }
      if role != .client, try takeFromWorker(envelope, routingID) { return }
      if role != .worker, try takeFromClient(envelope, routingID) { return }
      if try takeBlobMessage(envelope, routingID) { return }
      if let role { return refuse(envelope.type, of: role, routingID) }
      refuseMalformed("no message is of type \(envelope.type)", from: routingID, message.sourceDescriptor)
      send(Refused(code: "type", message: "This coordinator knows no message \(envelope.type)."), to: routingID)
    } catch {
      refuseMalformed(error.message, from: routingID, message.sourceDescriptor)
      if error.isOtherVersion { send(Refused(code: "version", message: error.message), to: routingID) }
    }
  }

  private func takeFromWorker(_ envelope: Envelope, _ routingID: Peers.RoutingID) throws(EnvelopeError) -> Bool {
    switch envelope.type {
    case Hello.type: try greet(try envelope.decode(), routingID)
    case Heartbeat.type:
      let heartbeat = try envelope.decode(Heartbeat.self)
      withWorker(routingID) { note(progress: heartbeat.progress, of: $0) }
    case Commits.type:
      let commits = try envelope.decode(Commits.self)
      withWorker(routingID) { take(commits, from: $0) }
    case Failure.type:
      let failure = try envelope.decode(Failure.self)
      withWorker(routingID) { take(failure, from: $0) }
    case HandBack.type:
      let handBack = try envelope.decode(HandBack.self)
      withWorker(routingID) { takeBack(handBack, from: $0, routingID) }
    case Goodbye.type:
      draining = draining.filter { $0.key != peers[routingID]?.worker }
      forget(routingID, because: "goodbye")
    default: return false
    }
    return true
  }

  /// Serves a message only of a worker that has said hello on this connection; any other is asked to.
  private func withWorker(_ routingID: Peers.RoutingID, _ serve: (WorkerID) -> Void) {
    if let worker = peers[routingID]?.worker {
      serve(worker)
    } else {
      send(Unknown(), to: routingID)
    }
  }

  private func greet(_ hello: Hello, _ routingID: Peers.RoutingID) throws(EnvelopeError) {
    guard (1...1024).contains(hello.slots), (1...128).contains(hello.worker.rawValue.utf8.count),
      hello.host.utf8.count <= 255, (hello.offer?.labels.count ?? 0) <= 64,
      ((hello.offer?.labels ?? []) + [hello.offer?.device ?? ""]).allSatisfy({ $0.utf8.count <= 128 })
    else {
      throw EnvelopeError(message: "a hello with \(hello.slots) slots, or with a name or labels out of bounds")
    }
    if let other = peers.routingID(of: hello.worker), peers[other]?.userID != peers[routingID]?.userID {
      let message = "A worker named \(hello.worker) with another key is connected; choose another --name."
      return send(Refused(code: "nameTaken", message: message), to: routingID)
    }
    // A connection is one worker: else one peer could fill the list with workers that are not there.
    if let former = peers[routingID]?.worker, former != hello.worker { handle(.left(former), reason: "renamed") }
    peers.join(hello, at: routingID)
    send(Welcome(storeIdentity: store.identity, storePath: store.path), to: routingID)
    logger.info(
      "worker joined",
      metadata: ["worker": "\(hello.worker)", "host": "\(hello.host)", "holding": "\(hello.holding.count)"])
    handle(.joined(hello.worker, slots: hello.slots, offer: hello.offer ?? Resources(), holding: hello.holding))
    // The word may have been lost with the connection. A process that came in its place is another worker.
    if draining[hello.worker] == hello.processID {
      drain(routingID)
    } else {
      draining[hello.worker] = nil
    }
  }

  private func takeBack(_ handBack: HandBack, from worker: WorkerID, _ routingID: Peers.RoutingID) {
    peers.update(routingID) { $0.isDraining = true }
    let held = scheduler.leases(of: worker)
    for report in handBack.pauses ?? [] {
      let (task, segment) = (report.commit.lease.task, report.commit.segment)
      // Else the task goes on from its last commit: a pause saves time, and nothing depends on it.
      guard held.contains(report.commit.lease), scheduler.record(of: task)?.segments == segment,
        let checkpoint = report.checkpoint, store.blobs.contains(checkpoint)
      else { continue }
      let pause = Pause(segment: segment, checkpoint: checkpoint)
      note(named: [checkpoint])
      pauses[task] = pause
      turn.add(.pause(task, pause))
    }
    handle(.handedBack(handBack.leases, by: worker))
  }

  /// Tells a worker to hand back what it has, and to end.
  func drain(_ routingID: Peers.RoutingID) {
    guard let peer = peers[routingID], let worker = peer.worker else { return }
    draining[worker] = peer.processID
    peers.update(routingID) { $0.isDraining = true }
    send(Drain(), to: routingID)
  }

  private func take(_ commits: Commits, from worker: WorkerID) {
    figures?.arrived(commits.reports.count, at: MonotonicClock.now)
    for report in commits.reports {
      if report.commit.isLast { progress[report.commit.lease] = nil }
      if let fault = fault(in: report) {
        take(Failure(lease: report.commit.lease, message: fault), from: worker)
      } else {
        note(named: report.digests)
        handle(.committed(report.commit, by: worker), report: report)
      }
    }
  }

  /// Why a commit cannot be accepted, whatever the scheduler would say: what it names must be in the store already.
  private func fault(in report: CommitReport) -> String? {
    guard !report.isEmpty else { return nil }
    let names = (report.outputs ?? []).map(\.name) + [report.layout?.name].compactMap { $0 }
    if let name = names.first(where: { !JobFolder.isSafe($0) }) { return "\(name) is not a name inside a job's folder" }
    return report.digests.first { !store.blobs.contains($0) }.map { "blob \($0) was never stored" }
  }

  private func take(_ failure: Failure, from worker: WorkerID) {
    logger.warning(
      "task failed", metadata: ["task": "\(failure.lease.task)", "reason": "\(failure.message.prefix(4096))"])
    if scheduler.leases(of: worker).contains(failure.lease) {
      note(failure.lease, worker, endedBecause: failure.message)
    }
    handle(.failed(failure.lease, by: worker))
  }

  /// Keeps the newest word about each task that is really running there, if it is short.
  private func note(progress reported: [TaskProgress], of worker: WorkerID) {
    for progress in reported.prefix(1024) {
      guard let lease = progress.lease, let record = scheduler.record(of: lease.task), record.epoch == lease.epoch,
        record.state == .leased(worker), progress.isShort
      else { continue }
      self.progress[lease] = progress
      guard let job = jobs[lease.task.job] else { continue }
      publisher.log(progress, of: "\(job.plan.groups[lease.task.group].name)/\(lease.task.index)", job.name)
    }
  }
}
