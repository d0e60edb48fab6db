import DequeModule
import OrderedCollections

/// Decides what a worker process says and does: the worker's half of the protocol, as a value like the scheduler.
///
/// A worker that is cut off goes on computing and keeps its commits. When it is welcomed again it says what it holds and
/// sends the commits once more; those whose epoch still stands are accepted, the others are revoked and dropped.
public struct WorkerAgent: Sendable {
  /// The numbers an agent runs by.
  public struct Configuration: Equatable, Sendable {
    /// Tasks worked on at the same time.
    public var slots = 1
    /// Time between two signs of life, in seconds.
    public var heartbeatSeconds = 1.0
    /// Wait for a welcome or an acknowledgement before asking again, in seconds.
    public var resendSeconds = 3.0

    public init() {}
  }

  /// What can happen to an agent.
  public enum Event: Equatable, Sendable {
    /// The transport is connected, for the first time or again.
    case connected
    /// The coordinator knows this worker now.
    case welcomed
    /// The coordinator does not know this worker: it has restarted, or has given the worker up.
    case unknown
    case dispatched([Lease])
    case acknowledged(Commit)
    case revoked(Lease)
    /// A workload has finished a segment, whose blobs are stored.
    case produced(Commit)
    /// A workload has ended with an error.
    case failed(Lease)
    /// A workload has stopped inside a segment, since this worker drains; what it goes on from is stored.
    case paused(Lease)
    /// The process was asked to end: let what runs pause or reach its next commit, give the rest back.
    case drain
    /// The time to end is over: give everything back and leave.
    case abandon
    case tick
  }

  /// What an agent asks its owner to do, in this order.
  public enum Command: Equatable, Sendable {
    /// Introduce this worker and what it holds.
    case greet(holding: [Lease])
    case heartbeat
    case start(Lease)
    /// Make the workload stop at its next commit, whose result is not wanted.
    case stop(Lease)
    /// Make the workload pause at its next step, or stop after its next commit.
    case finish(Lease)
    case send(Commit)
    case sendFailure(Lease)
    case handBack([Lease])
    /// Forget what was kept to send this commit again.
    case forget(Commit)
    /// Nothing is left to do: say goodbye and end.
    case leave
  }

  private enum Link: Equatable, Sendable {
    /// No welcome yet; greeted at this instant, if at all.
    case greeting(since: Instant?)
    case joined
  }

  private enum Outcome: Hashable, Sendable {
    case commit(Commit)
    case failure(Lease)

    var lease: Lease {
      switch self {
      case .commit(let commit): commit.lease
      case .failure(let lease): lease
      }
    }
  }

  public let configuration: Configuration
  private var link = Link.greeting(since: nil)
  private var running: OrderedSet<Lease> = []
  private var waiting: Deque<Lease> = []
  /// Stopped inside a segment, and not given back yet.
  private var paused: OrderedSet<Lease> = []
  /// What the coordinator has not acknowledged, oldest first.
  private var outbox: OrderedSet<Outcome> = []
  private var isDraining = false
  private var hasLeft = false
  private var lastHeartbeat = Instant(nanoseconds: 0)
  private var lastProgress = Instant(nanoseconds: 0)

  public init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
  }

  /// Takes in one event and says what to do about it.
  public mutating func handle(_ event: Event, at now: Instant) -> [Command] {
    var commands: [Command] = []
    switch event {
    case .connected: greet(now, &commands)
    // Before its welcome a worker has just greeted: it was an older message that is answered here.
    case .unknown: if link == .joined { greet(now, &commands) }
    case .welcomed: enter(now, &commands)
    case .dispatched(let leases): take(leases, &commands)
    case .acknowledged(let commit): settle(.commit(commit), now, &commands)
    case .revoked(let lease): drop(lease, &commands)
    case .produced(let commit): finish(commit, now, &commands)
    case .failed(let lease): fail(lease, now, &commands)
    case .paused(let lease): pause(lease, &commands)
    case .abandon: abandon(&commands)
    case .drain: drain(&commands)
    case .tick: tick(now, &commands)
    }
    startWaiting(&commands)
    if isDraining, running.isEmpty, paused.isEmpty, outbox.isEmpty, !hasLeft {
      hasLeft = true
      commands.append(.leave)
    }
    return commands
  }

  /// Commits and failures that are not acknowledged yet.
  public var unacknowledged: Int { outbox.count }

  /// What this worker works on or has been sent ahead.
  public var holding: [Lease] {
    var leases = OrderedSet(running)
    leases.append(contentsOf: waiting)
    leases.append(contentsOf: paused)
    leases.append(contentsOf: outbox.lazy.map(\.lease))
    return Array(leases)
  }

  private mutating func greet(_ now: Instant, _ commands: inout [Command]) {
    link = .greeting(since: now)
    commands.append(.greet(holding: holding))
  }

  private mutating func enter(_ now: Instant, _ commands: inout [Command]) {
    link = .joined
    resend(now, &commands)
    if isDraining { handBackAllButRunning(&commands) }
  }

  private mutating func resend(_ now: Instant, _ commands: inout [Command]) {
    for outcome in outbox { send(outcome, now, &commands) }
    lastProgress = now
  }

  private mutating func send(_ outcome: Outcome, _ now: Instant, _ commands: inout [Command]) {
    guard link == .joined else { return }
    switch outcome {
    case .commit(let commit): commands.append(.send(commit))
    case .failure(let lease): commands.append(.sendFailure(lease))
    }
  }

  private mutating func take(_ leases: [Lease], _ commands: inout [Command]) {
    guard !isDraining else { return commands.append(.handBack(leases)) }
    var newest = Dictionary(holding.map { ($0.task, $0) }) { $0.epoch > $1.epoch ? $0 : $1 }
    for lease in leases {
      // A newer epoch of a task ends an older one, be it held or of the same message.
      if let rival = newest[lease.task] {
        guard rival.epoch < lease.epoch else { continue }
        drop(rival, &commands)
      }
      newest[lease.task] = lease
      waiting.append(lease)
    }
  }

  private mutating func startWaiting(_ commands: inout [Command]) {
    while !isDraining, running.count < configuration.slots, let lease = waiting.popFirst() {
      running.append(lease)
      commands.append(.start(lease))
    }
  }

  private mutating func finish(_ commit: Commit, _ now: Instant, _ commands: inout [Command]) {
    guard running.contains(commit.lease) else { return commands.append(.forget(commit)) }
    if outbox.isEmpty { lastProgress = now }
    outbox.append(.commit(commit))
    if commit.isLast || isDraining { running.remove(commit.lease) }
    send(.commit(commit), now, &commands)
    if isDraining { handBackAllButRunning(&commands) }
  }

  private mutating func fail(_ lease: Lease, _ now: Instant, _ commands: inout [Command]) {
    guard running.remove(lease) != nil else { return }
    if outbox.isEmpty { lastProgress = now }
    outbox.append(.failure(lease))
    send(.failure(lease), now, &commands)
  }

  private mutating func settle(_ outcome: Outcome, _ now: Instant, _ commands: inout [Command]) {
    guard outbox.remove(outcome) != nil else { return }
    lastProgress = now
    if case .commit(let commit) = outcome { commands.append(.forget(commit)) }
  }

  /// Lets go of a lease: by revocation, or since a newer one has come.
  private mutating func drop(_ lease: Lease, _ commands: inout [Command]) {
    waiting.removeAll { $0 == lease }
    paused.remove(lease)
    if running.remove(lease) != nil { commands.append(.stop(lease)) }
    for case .commit(let commit) in outbox where commit.lease == lease { commands.append(.forget(commit)) }
    outbox.removeAll { $0.lease == lease }
  }

  private mutating func drain(_ commands: inout [Command]) {
    guard !isDraining else { return }
    isDraining = true
    handBackAllButRunning(&commands)
    for lease in running { commands.append(.finish(lease)) }
  }

  private mutating func pause(_ lease: Lease, _ commands: inout [Command]) {
    guard running.remove(lease) != nil else { return }
    paused.append(lease)
    handBackAllButRunning(&commands)
  }

  /// Without a connection the paused tasks stay held: they are given back after the next welcome.
  private mutating func handBackAllButRunning(_ commands: inout [Command]) {
    defer { waiting.removeAll() }
    guard link == .joined else { return }
    commands.append(.handBack(holding.filter { !running.contains($0) }))
    paused.removeAll()
  }

  /// Ends without what is not done: each task goes on elsewhere from its last commit, at once.
  private mutating func abandon(_ commands: inout [Command]) {
    isDraining = true
    if link == .joined { commands.append(.handBack(holding)) }
    for lease in running { commands.append(.stop(lease)) }
    running.removeAll()
    waiting.removeAll()
    paused.removeAll()
    outbox.removeAll()
  }

  private mutating func tick(_ now: Instant, _ commands: inout [Command]) {
    switch link {
    case .greeting(let since):
      if let since, now.seconds(since: since) >= configuration.resendSeconds { greet(now, &commands) }
    case .joined:
      if !outbox.isEmpty, now.seconds(since: lastProgress) >= configuration.resendSeconds { resend(now, &commands) }
      if now.seconds(since: lastHeartbeat) >= configuration.heartbeatSeconds {
        lastHeartbeat = now
        commands.append(.heartbeat)
      }
    }
  }
}
