import Scheduling

/// A host: a clock that is not quite right, power, and processes.
final class Host {
  let number: Int
  var isUp = true
  /// Processes that start when the power is back.
  var pendingWorkers: [WorkerID?] = []
  var pendingCoordinator = false
  /// Faults that touch this host now, and when the last one ended.
  private(set) var disturbances = 0
  private(set) var lastDisturbed: Instant
  /// Seconds that the clock gains in one.
  private let drift: Double
  private var origin: Int64
  private var suspendedSince: Instant?

  init(_ number: Int, drift: Double, origin: Int64, now: Instant) {
    self.number = number
    self.drift = drift
    self.origin = origin
    lastDisturbed = now
  }

  /// What the host's monotonic clock shows.
  func clock(_ now: Instant) -> Instant {
    let real = (suspendedSince ?? now).nanoseconds
    return Instant(nanoseconds: origin + real + Int64(Double(real) * drift))
  }

  /// When the host's clock will show an instant.
  func instant(ofClock shown: Instant, _ now: Instant) -> Instant {
    now.advanced(bySeconds: max(0, shown.seconds(since: clock(now))) / (1 + drift) + 1e-6)
  }

  /// The clock stands still, as that of a suspended virtual machine.
  func suspend(_ now: Instant) { if suspendedSince == nil { suspendedSince = now } }

  func resume(_ now: Instant) {
    let shown = clock(now)
    suspendedSince = nil
    origin -= clock(now).nanoseconds - shown.nanoseconds
  }

  func disturb() { disturbances += 1 }

  func calm(_ now: Instant) {
    disturbances -= 1
    lastDisturbed = now
  }

  /// A fault that is over at once.
  func touch(_ now: Instant) { lastDisturbed = now }
}

/// A process of a simulated host.
class SimulatedProcess {
  unowned let cluster: Cluster
  let host: Host
  let started: Instant
  private(set) var isAlive = true
  /// What happens to a frozen process waits for its thaw.
  private var backlog: [Happening]?

  init(_ cluster: Cluster, on host: Host) {
    self.cluster = cluster
    self.host = host
    started = cluster.now
  }

  var isFrozen: Bool { backlog != nil }
  var isRunning: Bool { isAlive && !isFrozen }
  /// What the process reads from its clock.
  var clock: Instant { host.clock(cluster.now) }

  func defers(_ happening: Happening) -> Bool {
    guard backlog != nil else { return false }
    backlog?.append(happening)
    return true
  }

  func freeze() { if isAlive, backlog == nil { backlog = [] } }

  /// Goes on as if no time had passed, with all that has arrived meanwhile.
  func thaw() {
    guard let waiting = backlog else { return }
    backlog = nil
    for happening in waiting where isAlive { cluster.happen(happening) }
  }

  /// Ends, and takes all it knew with it.
  func end() {
    isAlive = false
    backlog = nil
  }
}
