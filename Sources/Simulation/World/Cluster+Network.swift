import Scheduling

/// Which hosts reach which, and how fast.
struct Network {
  /// Cuts of each directed link; what is sent meanwhile waits, as in TCP.
  private var cuts: [Int]
  private let hosts: Int
  var slowness = 1.0

  init(hosts: Int) {
    self.hosts = hosts
    cuts = Array(repeating: 0, count: hosts * hosts)
  }

  func isOpen(from: Int, to: Int) -> Bool { from == to || cuts[from * hosts + to] == 0 }

  mutating func cut(from: Int, to: Int) { cuts[from * hosts + to] += 1 }

  mutating func mend(from: Int, to: Int) { cuts[from * hosts + to] -= 1 }
}

extension Connection {
  func isOpen(_ direction: Direction, in network: Network) -> Bool {
    let (worker, coordinator) = (worker.host.number, coordinator.host.number)
    return direction == .up
      ? network.isOpen(from: worker, to: coordinator) : network.isOpen(from: coordinator, to: worker)
  }
}

extension Cluster {
  /// Silence of ZeroMQ's own heartbeats after which an end gives the connection up.
  private static let keepAliveSeconds = 20.0
  /// Messages a sender holds back for a peer; more are dropped.
  private static let highWaterMark = 1000

  func send(_ message: ToCoordinator, over connection: Connection) {
    guard connection.isOpenAtWorker, connection.up.messages.count < Self.highWaterMark else { return }
    var copies = 1
    if !isHealing, message.mayBeLost {
      if options.lossRate > 0, chance.happens(options.lossRate) { copies = 0 }
      if options.duplicationRate > 0, chance.happens(options.duplicationRate) { copies = 2 }
    }
    for _ in 0..<copies { connection.up.messages.append((message, now.advanced(bySeconds: delay()))) }
    move(connection, .up)
  }

  func send(_ message: ToWorker, over connection: Connection) {
    guard connection.isOpenAtCoordinator else { return }
    let copies = !isHealing && options.duplicationRate > 0 && chance.happens(options.duplicationRate) ? 2 : 1
    for _ in 0..<copies { connection.down.messages.append((message, now.advanced(bySeconds: delay()))) }
    move(connection, .down)
  }

  private func delay() -> Double {
    let usual = options.latencySeconds * chance.between(0.5, 1.5) * network.slowness
    let isLate = !isHealing && options.spikeRate > 0 && chance.happens(options.spikeRate)
    return min(10, isLate ? usual * 100 : usual)
  }

  /// Plans the next arrival.
  private func move(_ connection: Connection, _ direction: Direction, after seconds: Double = 0) {
    let earliest = now.advanced(bySeconds: seconds)
    switch direction {
    case .up:
      guard !connection.up.isMoving, let first = connection.up.messages.first else { return }
      connection.up.isMoving = true
      timeline.add(.arrival(connection, .up), at: max(earliest, first.ready))
    case .down:
      guard !connection.down.isMoving, let first = connection.down.messages.first else { return }
      connection.down.isMoving = true
      timeline.add(.arrival(connection, .down), at: max(earliest, first.ready))
    }
  }

  func arrive(_ connection: Connection, _ direction: Direction) {
    switch direction {
    case .up: connection.up.isMoving = false
    case .down: connection.down.isMoving = false
    }
    guard connection.isOpen(direction, in: network) else { return }
    switch direction {
    case .up:
      guard let (message, _) = connection.up.messages.popFirst() else { return }
      if connection.isOpenAtCoordinator {
        connection.coordinator.take(message, from: connection)
      } else if case .closed = message {
      } else {
        reset(connection, .down)
      }
    case .down:
      guard let (message, _) = connection.down.messages.popFirst() else { return }
      if connection.isOpenAtWorker {
        connection.worker.take(message, from: connection)
      } else if case .closed = message {
      } else {
        reset(connection, .up)
      }
    }
    move(connection, direction)
  }

  /// What arrives at an end that knows nothing of the connection is answered by a reset.
  private func reset(_ connection: Connection, _ direction: Direction) {
    switch direction {
    case .up where connection.worker.host.isUp && connection.isOpenAtCoordinator:
      connection.up.messages = [(.closed, now.advanced(bySeconds: delay()))]
    case .down where connection.coordinator.host.isUp && connection.isOpenAtWorker:
      connection.down.messages = [(.closed, now.advanced(bySeconds: delay()))]
    default: return
    }
    move(connection, direction)
  }

  /// A link works again: what waited for it is sent again soon.
  func mendLink(from: Int, to: Int, afterSeconds cutSeconds: Double) {
    network.mend(from: from, to: to)
    for worker in workers {
      guard let connection = worker.connection else { continue }
      for direction in [Direction.up, .down] where connection.isOpen(direction, in: network) {
        move(connection, direction, after: chance.between(0, min(3, cutSeconds)))
      }
    }
  }

  func dial(_ worker: WorkerProcess) -> Connection? {
    guard let coordinator, coordinator.isRunning else { return nil }
    let connection = Connection(worker, coordinator, now: now)
    guard connection.isOpen(.up, in: network), connection.isOpen(.down, in: network) else { return nil }
    timeline.add(.keepAlive(connection), at: now.advanced(bySeconds: 5))
    return connection
  }

  /// An end closes the connection; the other one is told after the part of the data that gets through.
  /// - Parameter silently: The host has no power to tell anyone.
  func close(_ connection: Connection, _ end: Direction, silently: Bool = false) {
    switch end {
    case .up where connection.isOpenAtWorker:
      connection.isOpenAtWorker = false
      connection.up.loseTail(&chance)
      if !silently { connection.up.messages.append((.closed, now.advanced(bySeconds: delay()))) }
      move(connection, .up)
    case .down where connection.isOpenAtCoordinator:
      connection.isOpenAtCoordinator = false
      connection.down.loseTail(&chance)
      if !silently { connection.down.messages.append((.closed, now.advanced(bySeconds: delay()))) }
      move(connection, .down)
    default: break
    }
  }

  func keepAlive(_ connection: Connection) {
    let (worker, coordinator) = (connection.worker, connection.coordinator)
    guard connection.isOpenAtWorker || connection.isOpenAtCoordinator else { return }
    let reaches = connection.isOpen(.up, in: network) && connection.isOpen(.down, in: network)
    let areOpen = connection.isOpenAtWorker && connection.isOpenAtCoordinator
    if areOpen && reaches && worker.isRunning && coordinator.isRunning { connection.lastAnswered = now }
    // A host that is up again answers with a reset for what it does not remember.
    let isReset = reaches && !areOpen && worker.host.isUp && coordinator.host.isUp
    if isReset || now.seconds(since: connection.lastAnswered) >= Self.keepAliveSeconds {
      if connection.isOpenAtWorker, worker.isRunning {
        close(connection, .up)
        worker.loseConnection(connection)
      }
      if connection.isOpenAtCoordinator, coordinator.isRunning {
        close(connection, .down)
        coordinator.loseConnection(connection)
      }
    }
    timeline.add(.keepAlive(connection), at: now.advanced(bySeconds: 5))
  }
}

extension ToCoordinator {
  /// Whether ZeroMQ may drop it when its queue is full. Blobs have credit, and never fill it.
  fileprivate var mayBeLost: Bool {
    switch self {
    case .put, .fetch, .closed: false
    case .hello, .heartbeat, .commits, .failure, .handBack, .goodbye: true
    }
  }
}
