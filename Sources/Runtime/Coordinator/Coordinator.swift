import Foundation
import Logging
import Messaging
import Scheduling
import Store
import Telemetry

/// The coordinator: a thin edge around the ``Scheduler``.
///
/// One thread owns the socket. In each turn it takes in what has arrived, feeds it to the scheduler, makes all changes
/// durable in one transaction, and only then sends what the scheduler asked for. Slow work on the disk (receiving and
/// publishing blobs) happens on queues beside it.
public final class Coordinator {
  /// Messages taken in before the turn's changes are made durable.
  static let messagesPerTurn = 512
  static let bytesPerTurn = 8 << 20
  /// Seconds in which a turn takes in messages.
  static let turnSecondsMax = 0.004
  /// Messages without sense after which a connection is cut.
  static let faultsMax = 20
  /// Commits that may wait to be published.
  static let backlogMax = 4096

  let configuration: Configuration
  let store: StoreFolder
  let catalogue: Catalogue
  let logger: Logger
  let publisher: Publisher
  let uploads: Uploads
  var scheduler = Scheduler()
  var peers = Peers()
  var turn = Turn<Catalogue.Change>()
  /// Answers to clients that must not be sent before the turn's changes are durable.
  var answers: [(body: any MessageBody, to: Peers.RoutingID)] = []
  var jobs: [JobID: Catalogue.StoredJob] = [:]
  var jobIDs: [String: JobID] = [:]
  var progress: [Lease: TaskProgress] = [:]
  /// Where tasks stopped that were handed back inside a segment.
  var pauses: [TaskID: Pause] = [:]
  /// Processes of workers that were told to drain.
  var draining: [WorkerID: Int32] = [:]
  var malformedMessages = 0
  var failedPieces = 0
  /// Connections that were cut off: what they had sent before is not looked at.
  var outcasts: Set<Peers.RoutingID> = []
  var space = Space()
  let garbageSearch: GarbageSearch
  let findings: Mailbox<GarbageSearch.Findings?>
  /// Requests that a key's role does not allow.
  var violations = 0
  /// The keys that may connect, and as what; nil without keys.
  var allowedKeys: AllowedKeys?
  /// Connections to be cut, and when.
  var condemned: [Int32: Instant] = [:]
  let socket: Socket
  private let monitor: Monitor
  let authenticator: Authenticator?
  private let keyWatch: KeyWatch?
  private(set) var connectionGuard: ConnectionGuard?
  let vitals: Vitals?
  let probe: StoreProbe?
  /// What is counted for those who look; nil if nobody does.
  var figures: CoordinatorFigures?
  private var cutsLogged = 0
  private let stopSignal: StopSignal
  private let finishedJobs: Mailbox<JobID>
  private let storedPieces: Mailbox<Uploads.Outcome>
  private let changedKeys: Mailbox<AllowedKeys>
  private var lastPulse = MonotonicClock.now
  /// Connections that may be closed, and until when to ask.
  private var suspects: (routingIDs: Set<Peers.RoutingID>, until: Instant) = ([], MonotonicClock.now)
  private var refusalsLogged: UInt64 = 0

  /// Opens the store, takes up unfinished jobs, and starts to listen.
  /// - Throws: `StoreError`, `MessagingError`: the folder cannot be used, the port is taken, keys are missing.
  public init(_ configuration: Configuration, stopSignal: StopSignal, logger: Logger) throws {
    self.configuration = configuration
    self.logger = logger
    self.stopSignal = stopSignal
    store = try StoreFolder(at: configuration.storePath)
    StoreBackup.becomesStore(store.path)
    catalogue = try Catalogue(path: "\(store.path)/catalogue.sqlite")
    finishedJobs = Mailbox(wakeUp: stopSignal.wakeUp)
    storedPieces = Mailbox(wakeUp: stopSignal.wakeUp)
    changedKeys = Mailbox(wakeUp: stopSignal.wakeUp)
    publisher = Publisher(store: store, finished: finishedJobs, logger: logger)
    findings = Mailbox(wakeUp: stopSignal.wakeUp)
    garbageSearch = GarbageSearch(store, age: configuration.garbageAge, findings: findings, logger: logger)
    uploads = Uploads(blobs: store.blobs, outcomes: storedPieces)
    vitals = configuration.vitals
    let path = store.path
    probe = configuration.vitals.map { _ in StoreProbe(store: path) }
    figures = configuration.vitals.map { _ in CoordinatorFigures() }
    let context = try Context()
    let allowedKeys = try Self.allowedKeys(configuration)
    self.allowedKeys = allowedKeys
    authenticator = try allowedKeys.map { try Authenticator(context, allowed: $0) }
    keyWatch = allowedKeys.flatMap { [changedKeys] inForce in
      configuration.allowedKeysPath.map { KeyWatch($0, inForce: inForce, changed: changedKeys, logger) }
    }
    socket = try Socket(.router, context, try Self.socketOptions(configuration, authenticator))
    monitor = try Monitor(socket, .ends)
    try restore()
    try socket.bind(configuration.endpoint)
    connectionGuard = try Self.guardConnections(of: try socket.lastEndpoint)
  }

  /// Where the coordinator listens, with the port that was chosen.
  public var endpoint: String { get throws { try socket.lastEndpoint } }

  /// Works until the stop signal comes.
  /// - Throws: `StoreError` when nothing can be made durable any more: the process must end, and nothing is lost.
  public func run() throws {
    var pollSet = PollSet()
    pollSet.add(socket)
    pollSet.add(monitor)
    pollSet.add(descriptor: stopSignal.wakeUp.descriptor)
    while !stopSignal.isRequested {
      try pollSet.wait(atMost: pause)
      stopSignal.wakeUp.drain()
      for job in finishedJobs.takeAll() { finish(job) }
      for outcome in storedPieces.takeAll() { answer(outcome) }
      for list in changedKeys.takeAll() { admit(list) }
      // Beyond this backlog TCP slows the workers down instead of this process growing. They must not be judged silent
      // while nobody listens to them.
      if publisher.backlog < Self.backlogMax {
        try takeMessages()
        tick()
      }
      try takeMonitorEvents()
      pulse()
      try flush()
      showMetrics()
      collectGarbage()
    }
    publisher.waitUntilIdle()
  }

  private var pause: Duration {
    guard suspects.routingIDs.isEmpty, space.garbage.isEmpty else { return .milliseconds(1) }
    let now = MonotonicClock.now
    let deadline = min(scheduler.nextDeadline ?? now.advanced(bySeconds: 0.5), now.advanced(bySeconds: 0.5))
    return .milliseconds(Int(max(0, deadline.seconds(since: now)) * 1000) + 1)
  }

  private func takeMessages() throws {
    // libzmq takes the peers' messages in turn. However costly some are, the others' wait for the end of the turn is short.
    let end = MonotonicClock.now.advanced(bySeconds: Self.turnSecondsMax)
    var heard: [Int32: Int] = [:]
    var bytes = 0
    defer { connectionGuard?.heard(heard) }
    for _ in 0..<Self.messagesPerTurn where bytes < Self.bytesPerTurn && MonotonicClock.now < end {
      do throws(MessagingError) {
        guard let message = try socket.receive() else { return }
        if let descriptor = message.sourceDescriptor { heard[descriptor, default: 0] += message.byteCount }
        bytes += message.byteCount
        take(message)
      } catch {
        guard error.code == .invalidMessage else { throw error }
        let dropped = error.cause as? DroppedMessage
        refuseMalformed("\(error)", from: dropped?.routingID, dropped?.sourceDescriptor)
      }
    }
  }

  /// A closed connection ends its worker's leases at once. The descriptor only tells whom to ask: it may belong to a new
  /// connection already, and then sending to the peer works. It also works for a moment after the event, as libzmq tells of
  /// a closed connection before it takes it apart, so ask for a while.
  private func takeMonitorEvents() throws {
    while let event = try monitor.next() {
      guard case .disconnected(let descriptor) = event.kind else { continue }
      condemned[descriptor] = nil
      suspects.routingIDs.formUnion(peers.routingIDs(of: descriptor))
      suspects.until = MonotonicClock.now.advanced(bySeconds: 0.1)
    }
    for routingID in suspects.routingIDs.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      send(Pulse(shortage: space.shortage), to: routingID)
      if peers[routingID] == nil || suspects.until < MonotonicClock.now { suspects.routingIDs.remove(routingID) }
    }
    cutCondemned()
    if let refusals = authenticator?.refusals, refusals.count > refusalsLogged {
      refusalsLogged = refusals.count
      let last = refusals.last.map { "\($0.address): \($0.reason)" } ?? ""
      logger.warning("refused a connection", metadata: ["count": "\(refusals.count)", "last": "\(last)"])
    }
    if let report = connectionGuard?.report, report.cuts > cutsLogged {
      cutsLogged = report.cuts
      logger.warning("cut a connection", metadata: ["count": "\(report.cuts)", "last": "\(report.lastReason)"])
    }
  }

  private func tick() {
    if let deadline = scheduler.nextDeadline, deadline <= MonotonicClock.now { handle(.tick) }
  }

  private func pulse() {
    let now = MonotonicClock.now
    if now.seconds(since: lastPulse) >= 1 {
      lastPulse = now
      watchSpace()
      for worker in peers.workers {
        if let id = worker.worker, let routingID = peers.routingID(of: id) {
          send(Pulse(shortage: space.shortage), to: routingID)
        }
      }
    }
  }

  /// Feeds an event to the scheduler; what it asks for is done at the end of the turn.
  /// - Parameters:
  ///   - report: What the commit brings, if the event is one.
  ///   - reason: Why a worker is lost, if it is.
  func handle(_ event: Event, report: CommitReport? = nil, reason: String = "was silent for too long") {
    let commands = scheduler.handle(event, at: MonotonicClock.now)
    turn.add(commands, report: report)
    for case .persistLoss(let lease, let worker) in commands {
      note(lease, worker, endedBecause: "the worker was lost: \(reason)")
    }
  }

  /// Makes the turn's changes durable, then does what waits for that. What comes of doing it belongs to the next turn.
  private func flush() throws(StoreError) {
    while !turn.isEmpty || !answers.isEmpty {
      let (done, answers) = (turn, answers)
      (turn, self.answers) = (Turn(), [])
      let start = MonotonicClock.now
      try catalogue.write(done.changes)
      figures?.wrote(done.changes, from: start, to: MonotonicClock.now)
      try carryOut(done)
      for (body, routingID) in answers { send(body, to: routingID) }
    }
  }

  /// Sends a message; a peer that cannot be reached is gone.
  func send(_ body: some MessageBody, payload: [[UInt8]] = [], to routingID: Peers.RoutingID) {
    let message = Message(Envelope(body, payload: payload).frames, to: routingID)
    let descriptor = peers[routingID]?.descriptor
    if let descriptor, connectionGuard?.maySend(message.byteCount, through: descriptor) == false {
      return forget(routingID, because: "does not read")
    }
    let outcome = (try? socket.send(message)) ?? .unreachable
    guard outcome != .sent else { return }
    if outcome == .wouldBlock, let descriptor { condemned[descriptor] = MonotonicClock.now }
    forget(routingID, because: outcome == .unreachable ? "connection closed" : "does not read")
  }

  /// A connection is of no use any more: its worker has left.
  func forget(_ routingID: Peers.RoutingID, because reason: String) {
    guard let worker = drop(routingID) else { return }
    figures?.departed(reason)
    logger.info("worker left", metadata: ["worker": "\(worker)", "reason": "\(reason)"])
    handle(.left(worker), reason: reason)
  }

  /// Forgets a connection and what it has not finished.
  /// - Returns: The worker at its other end.
  @discardableResult
  func drop(_ routingID: Peers.RoutingID) -> WorkerID? {
    uploads.abandon(routingID)
    return peers.remove(routingID)
  }

  /// Counts bytes that are not our protocol (G6). Who goes on sending such is cut off: it may come again, at the price of
  /// another handshake.
  func refuseMalformed(_ reason: String, from routingID: Peers.RoutingID?, _ descriptor: Int32?) {
    malformedMessages += 1
    // The first ones help to find the fault; a flood must not fill the log.
    if malformedMessages <= 20 || malformedMessages.isMultiple(of: 1000) {
      logger.warning("dropped a message", metadata: ["count": "\(malformedMessages)", "reason": "\(reason)"])
    }
    guard let routingID, let descriptor else { return }
    peers.update(routingID) { $0.faults += 1 }
    guard let peer = peers[routingID], peer.faults > Self.faultsMax else { return }
    if outcasts.count > 10_000 { outcasts = [] }
    outcasts.insert(routingID)
    condemned[descriptor] = MonotonicClock.now
    forget(routingID, because: "sends what is no message")
  }
}
