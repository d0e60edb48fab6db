import DequeModule
import Scheduling

/// A worker's edge, simulated: the real agent, threads that compute, and a connection that may be down.
final class WorkerProcess: SimulatedProcess {
  /// Seconds a draining worker gives its tasks to reach their next commit.
  private static let drainSeconds = 30.0

  let id: WorkerID
  let slots: Int
  /// Whether it sees the store's disk, so that its blobs need not go through the coordinator.
  let sharesStore: Bool
  let isMisbehaving: Bool
  private(set) var agent: WorkerAgent
  private(set) var connection: Connection?
  var threads: [Run?]
  var work = Deque<Assignment>()
  var stopped: Set<Lease> = []
  var finishing: Set<Lease> = []
  /// Commits that may still be made ahead of their acknowledgement.
  var room: Int
  /// Commits whose blobs are not all stored yet; the first blob of the first one is under way if `isUploading`.
  var uploads = Deque<(report: Report, missing: [Blob])>()
  var isUploading = false
  var uploadsPausedUntil = Instant(nanoseconds: 0)
  var nextTicket = 0
  /// Where tasks have paused inside a segment; only what is stored may be handed back.
  var pauses: [Lease: Report] = [:]
  private var assignments: [Lease: Assignment] = [:]
  private var reports: [Commit: Report] = [:]
  private var queue = CommitQueue()
  private var drainEnd: Instant?
  private var dials = 0

  init(_ cluster: Cluster, on host: Host, id: WorkerID) {
    self.id = id
    slots = cluster.options.slots
    sharesStore = host.number == 0
    isMisbehaving = cluster.options.misbehavingRate > 0 && cluster.chance.happens(cluster.options.misbehavingRate)
    var configuration = WorkerAgent.Configuration()
    configuration.slots = slots
    agent = WorkerAgent(configuration: configuration)
    threads = Array(repeating: nil, count: slots)
    room = cluster.options.unacknowledgedMax
    super.init(cluster, on: host)
    cluster.timeline.add(.dial(self), at: cluster.now.advanced(bySeconds: cluster.chance.between(0, 0.5)))
    let phase = cluster.chance.between(0, cluster.options.tickSeconds)
    cluster.timeline.add(.tick(self), at: cluster.now.advanced(bySeconds: phase))
  }

  var isDraining: Bool { drainEnd != nil }

  func dial() {
    guard connection == nil else { return }
    guard let made = cluster.dial(self) else {
      dials += 1
      return dialLater()
    }
    dials = 0
    connection = made
    handle(.connected)
  }

  private func dialLater() {
    let seconds = min(2, 0.1 * Double(1 << min(5, dials))) * cluster.chance.between(0.75, 1.25)
    cluster.timeline.add(.dial(self), at: cluster.now.advanced(bySeconds: seconds))
  }

  func loseConnection(_ lost: Connection) {
    guard connection === lost else { return }
    connection = nil
    dialLater()
  }

  /// The process is gone, and its host closes the connection.
  func abandon(silently: Bool) {
    if let connection { cluster.close(connection, .up, silently: silently) }
    connection = nil
    end()
  }

  /// One round of the loop.
  func tick() {
    handle(.tick)
    checkWanted()
    sendNextBlob()
    sendCommits(withOtherMessage: false)
    if isMisbehaving, !cluster.isHealing, cluster.chance.oneIn(4) { misbehave() }
    if let drainEnd, clock >= drainEnd { handle(.abandon) }
    guard isAlive else { return }
    cluster.timeline.add(.tick(self), at: cluster.now.advanced(bySeconds: cluster.options.tickSeconds))
  }

  /// SIGTERM.
  func drain() {
    guard drainEnd == nil else { return }
    drainEnd = clock.advanced(bySeconds: Self.drainSeconds)
    handle(.drain)
  }

  func take(_ message: ToWorker, from connection: Connection) {
    guard isAlive, !defers(.received(self, message, connection)), self.connection === connection else { return }
    switch message {
    case .welcome:
      restartTransfers()
      if cluster.mutant == .outboxDropped { return dropOutbox() }
      handle(.welcomed)
    case .unknown: handle(.unknown)
    case .dispatch(let assignments):
      for assignment in assignments { self.assignments[assignment.lease] = assignment }
      cluster.trace(self, "gets \(assignments.map { "\($0.lease.task)@\($0.lease.epoch)" }.joined(separator: " "))")
      cluster.ledger.received(assignments, by: self)
      handle(.dispatched(assignments.map(\.lease)))
    case .acknowledge(let commits):
      cluster.ledger.acknowledged(commits, to: self)
      for commit in commits { handle(.acknowledged(commit)) }
    case .revoke(let leases):
      for lease in leases {
        cluster.ledger.revoked(lease, from: self)
        if cluster.mutant == .revocationIgnored { continue }
        assignments[lease] = nil
        handle(.revoked(lease))
      }
    case .stored(let digest): stored(digest)
    case .refused:
      uploadsPausedUntil = clock.advanced(bySeconds: 2)
      isUploading = false
    case .blobs(let blobs): take(blobs)
    case .closed:
      connection.isOpenAtWorker = false
      loseConnection(connection)
    }
    sendNextBlob()
    sendCommits(withOtherMessage: false)
  }

  /// What the agent would send again is thrown away.
  private func dropOutbox() {
    for command in agent.handle(.welcomed, at: clock) {
      if case .send(let commit) = command { handle(.acknowledged(commit)) } else { carryOut(command) }
    }
  }

  func handle(_ event: WorkerAgent.Event) {
    for command in agent.handle(event, at: clock) { carryOut(command) }
  }

  private func carryOut(_ command: WorkerAgent.Command) {
    guard isAlive else { return }
    switch command {
    case .greet(let holding): send(.hello(slots: slots, holding: holding))
    case .heartbeat: send(.heartbeat)
    case .start(let lease):
      guard let assignment = assignments.removeValue(forKey: lease) else { return }
      work.append(assignment)
      startWork()
    case .stop(let lease): stopped.insert(lease)
    case .finish(let lease): finishing.insert(lease)
    case .send(let commit): if reports[commit] != nil { queue.add(commit) }
    case .sendFailure(let lease): send(.failure(lease))
    case .handBack(let leases): send(.handBack(leases, pauses: leases.compactMap { pauses[$0] }))
    case .forget(let commit): forget(commit)
    case .leave:
      send(.goodbye)
      leave()
    }
  }

  private func forget(_ commit: Commit) {
    queue.remove(commit)
    guard reports.removeValue(forKey: commit) != nil else { return }
    room += 1
    startWork()
  }

  /// All blobs of a commit, or of a pause, are in the store.
  func claim(_ report: Report) {
    if !report.isEmpty, report.draws == nil {
      pauses[report.commit.lease] = report
      return handle(.paused(report.commit.lease))
    }
    reports[report.commit] = report
    handle(.produced(report.commit))
  }

  func sendCommits(withOtherMessage: Bool) {
    let reports = queue.next(withOtherMessage: withOtherMessage).compactMap { self.reports[$0] }
    guard !reports.isEmpty, let connection else { return }
    cluster.ledger.claimed(reports.map(\.commit), by: self)
    cluster.send(.commits(reports), over: connection)
  }

  /// Sends a message if there is a connection; whatever matters is sent again after the next welcome.
  func send(_ message: ToCoordinator) {
    sendCommits(withOtherMessage: true)
    if let connection { cluster.send(message, over: connection) }
  }

  private func leave() {
    cluster.trace(self, "leaves")
    cluster.end(self, silently: false)
  }

  var unacknowledged: Int { agent.unacknowledged }
}
