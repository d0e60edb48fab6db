import DequeModule
import OrderedCollections
import Scheduling

/// The coordinator's edge, simulated: the real scheduler, and around it the order of work of the real loop. A turn takes in
/// what has arrived, makes all changes durable in one transaction, and only then does what waits for that.
final class CoordinatorProcess: SimulatedProcess {
  /// What a client or the disk has for the loop.
  enum Input {
    case message(ToCoordinator, Connection)
    case submit(JobDraft)
    case cancel(JobID)
  }

  /// Messages taken in before the turn's changes are made durable.
  static let messagesPerTurn = 512

  var scheduler: Scheduler
  var turn = Turn<SimulatedCatalogue.Change>()
  var publisher = Publisher()
  private(set) var inbox = Deque<Input>()
  var storedBlobs: [(Digest, Connection, isStored: Bool)] = []
  private var finishedJobs: [JobID] = []
  private var closed: [Connection] = []
  /// The turn whose transaction is under way.
  private var writing: Turn<SimulatedCatalogue.Change>?
  private var turnAt: Instant?
  private var runningJobs: Set<JobID> = []
  var connections: [WorkerID: Connection] = [:]
  var pauses: [TaskID: Pause] = [:]
  private var eventsHandled = 0

  override init(_ cluster: Cluster, on host: Host) {
    scheduler = Scheduler(configuration: cluster.options.scheduling)
    super.init(cluster, on: host)
  }

  /// Takes up every job that has not ended, and publishes again whatever may not have been.
  func restore() {
    for stored in cluster.catalogue.jobs {
      let id = stored.job.id
      if stored.outcome == nil {
        runningJobs.insert(id)
        pauses.merge(stored.pauses) { $1 }
        let records = cluster.mutant.distort(records: cluster.catalogue.records(of: id))
        turn.add(scheduler.restore(stored.job, records: records, at: cluster.mutant.distort(restoredAt: clock)))
      }
      guard !stored.isPublished else { continue }
      publish(cluster.catalogue.reports(of: id, group: nil), of: id)
      if stored.outcome != nil { finish(id) }
    }
    wake(after: 0)
  }

  /// A message has come; it waits for the next turn.
  func take(_ message: ToCoordinator, from connection: Connection) {
    guard isAlive else { return }
    cluster.ledger.arrived(from: connection, at: cluster.now)
    if case .closed = message {
      connection.isOpenAtCoordinator = false
      return loseConnection(connection)
    }
    inbox.append(.message(message, connection))
    wake(after: 0)
  }

  func loseConnection(_ connection: Connection) {
    closed.append(connection)
    wake(after: 0)
  }

  func take(_ input: Input) {
    inbox.append(input)
    wake(after: 0)
  }

  func stored(_ digest: Digest, from connection: Connection, isStored: Bool) {
    storedBlobs.append((digest, connection, isStored))
    wake(after: 0)
  }

  func published(_ job: JobID) {
    finishedJobs.append(job)
    wake(after: 0)
  }

  private func wake(after seconds: Double) { wake(at: cluster.now.advanced(bySeconds: seconds + 2e-5)) }

  private func wake(at instant: Instant) {
    if let turnAt, turnAt <= instant { return }
    turnAt = instant
    cluster.timeline.add(.turn(self), at: instant)
  }

  override func thaw() {
    super.thaw()
    turnAt = nil
    wake(after: 0)
  }

  /// One round of the loop.
  func takeTurn() {
    guard let due = turnAt, due <= cluster.now else { return }
    turnAt = nil
    guard writing == nil else { return }
    for job in finishedJobs { turn.add(.finished(job)) }
    for (digest, connection, isStored) in storedBlobs {
      cluster.send(isStored ? .stored(digest) : .refused(digest), over: connection)
    }
    (finishedJobs, storedBlobs) = ([], [])
    // Beyond this backlog TCP slows the workers down. They must not be judged silent while nobody listens to them.
    if publisher.backlog < cluster.options.backlogMax {
      if cluster.mutant == .silenceJudgedFirst { tick() }
      takeMessages()
      tick()
    }
    for connection in closed {
      cluster.ledger.served(.closed, from: connection, at: cluster.now)
      forget(connection)
    }
    closed = []
    flush()
    sleep()
  }

  private func sleep() {
    guard isAlive, writing == nil else { return }
    if !inbox.isEmpty, publisher.backlog < cluster.options.backlogMax { return wake(after: 0) }
    let next = scheduler.nextDeadline.map { host.instant(ofClock: $0, cluster.now) }
    let latest = cluster.now.advanced(bySeconds: 0.5)
    wake(at: publisher.backlog < cluster.options.backlogMax ? min(next ?? latest, latest) : latest)
  }

  private func takeMessages() {
    for _ in 0..<Self.messagesPerTurn {
      guard isAlive, let input = inbox.popFirst() else { return }
      switch input {
      case .message(let message, let connection): serve(message, connection)
      case .submit(let draft): submit(draft)
      case .cancel(let job):
        guard runningJobs.contains(job) else { continue }
        handle(.cancelled(job))
      }
    }
  }

  private func tick() {
    if let deadline = scheduler.nextDeadline, deadline <= clock { handle(.tick) }
  }

  /// Feeds an event to the scheduler; what it asks for is done at the end of the turn.
  func handle(_ event: Event, report: Report? = nil) {
    let commands = scheduler.handle(event, at: clock)
    cluster.trace(self, event.text, unless: event.isRoutine)
    turn.add(commands, report: report)
    eventsHandled += 1
    if eventsHandled.isMultiple(of: 64), cluster.options.jobs.isEmpty { checkInvariants() }
  }

  private func checkInvariants() {
    do throws(InvariantViolation) {
      try scheduler.checkInvariants()
    } catch {
      cluster.fail(.safety, "scheduler", error.description)
    }
  }

  private func submit(_ draft: JobDraft) {
    do {
      let job = try cluster.catalogue.add(draft)
      cluster.ledger.add(Work(draft, id: job.id), at: cluster.now)
      runningJobs.insert(job.id)
      handle(.submitted(cluster.mutant.distort(job)))
    } catch { cluster.trace(self, "cannot store a job") }
  }

  /// Makes the turn's changes durable; what waits for that is done when the disk has answered.
  private func flush() {
    guard isAlive, !turn.isEmpty else { return }
    let done = turn
    turn = Turn()
    guard !done.changes.isEmpty else {
      carryOut(done)
      return flush()
    }
    if cluster.mutant == .acknowledgedBeforePersisted { carryOut(done) }
    writing = done
    cluster.timeline.add(.written(self), at: cluster.now.advanced(bySeconds: cluster.fsyncSeconds()))
  }

  /// The transaction is durable.
  func finishWriting() {
    guard let done = writing else { return }
    writing = nil
    do {
      try cluster.catalogue.write(done.changes)
    } catch {
      cluster.trace(self, "ends: the disk is full")
      return cluster.killCoordinator(restartingAfter: cluster.chance.between(0.2, 5))
    }
    for change in done.changes { cluster.trace(self, "writes \(change.text)") }
    cluster.ledger.written(done.changes, at: cluster.now)
    if cluster.mutant != .acknowledgedBeforePersisted { carryOut(done) }
    flush()
    wake(after: 0)
  }

  /// A process that is killed in the middle of a transaction may have finished it.
  func abandon() {
    if let writing, cluster.chance.oneIn(2), (try? cluster.catalogue.write(writing.changes)) != nil {
      cluster.ledger.written(writing.changes, at: cluster.now)
    }
    end()
  }

  override func end() {
    super.end()
    // Connections know their ends, and would keep them for ever.
    (connections, inbox, closed, storedBlobs) = ([:], [], [], [])
  }

  private func carryOut(_ turn: Turn<SimulatedCatalogue.Change>) {
    for (job, reports) in turn.publications.sorted(by: { $0.key < $1.key }) { publish(reports, of: job) }
    var news: OrderedDictionary<WorkerID, WorkerNews> = [:]
    for effect in turn.effects {
      switch effect {
      case .dispatch(let lease, let segments, let worker):
        guard runningJobs.contains(lease.task.job) else { continue }
        cluster.ledger.dispatched(lease, segments: segments, to: worker, at: cluster.now)
        news[worker, default: WorkerNews()].assignments.append(assignment(lease, segments))
      case .acknowledge(let commit, let worker): news[worker, default: WorkerNews()].acknowledged.append(commit)
      case .revoke(let lease, let worker): news[worker, default: WorkerNews()].revoked.append(lease)
      case .disconnect(let worker):
        cluster.trace(self, "\(worker) is silent")
        connections[worker] = nil
      case .persistOutcome(let job, let outcome):
        cluster.trace(self, "job \(job) \(outcome?.rawValue ?? "runs again")")
        runningJobs.remove(job)
        finish(job)
      case .persistTask, .persistCommit, .persistLoss, .publish: break
      }
    }
    cluster.ledger.sent(news.flatMap { worker, news in news.assignments.map { ($0.lease, worker) } })
    for (worker, news) in news { tell(worker, news) }
  }

  private func tell(_ worker: WorkerID, _ news: WorkerNews) {
    guard let connection = connections[worker] else { return }
    if !news.acknowledged.isEmpty { cluster.send(.acknowledge(news.acknowledged), over: connection) }
    if !news.revoked.isEmpty { cluster.send(.revoke(news.revoked), over: connection) }
    if !news.assignments.isEmpty { cluster.send(.dispatch(news.assignments), over: connection) }
  }

  private func assignment(_ lease: Lease, _ segments: Int) -> Assignment {
    let stored = cluster.catalogue.job(lease.task.job)
    let group = stored.job.groups[lease.task.group]
    let artifacts =
      group.after.flatMap { cluster.catalogue.reports(of: lease.task.job, group: $0).compactMap(\.draws) }
      + group.afterEach.flatMap { other in
        let partner = TaskID(job: lease.task.job, group: other, index: lease.task.index)
        return cluster.catalogue.reports(of: partner).compactMap(\.draws)
      }
    return Assignment(
      lease: lease, segments: segments,
      checkpoint: checkpoint(of: lease.task, segments), artifacts: artifacts)
  }

  private func checkpoint(of task: TaskID, _ segments: Int) -> Digest? {
    if let pause = pauses[task], pause.segment == segments { return pause.checkpoint }
    return segments == 0 ? nil : cluster.catalogue.lastReport(of: task)?.checkpoint
  }
}

/// What one worker is to be told at the end of a turn.
private struct WorkerNews {
  var acknowledged: [Commit] = []
  var revoked: [Lease] = []
  var assignments: [Assignment] = []
}
