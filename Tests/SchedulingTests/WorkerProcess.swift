import Scheduling

enum ToCoordinator {
  case greet(holding: [Lease])
  case heartbeat
  case commit(Commit)
  case failure(Lease)
  case handBack([Lease])
  case goodbye
}

enum ToWorker {
  case welcome, unknown
  case dispatch(Lease, segments: Int)
  case acknowledge(Commit)
  case revoke(Lease)
}

/// A connection: messages arrive in order, until it is cut.
struct Connection {
  var toCoordinator: [ToCoordinator] = []
  var toWorker: [ToWorker] = []
}

/// A worker process: the agent with pretended workloads and a connection that may be down.
struct WorkerProcess {
  let id: WorkerID
  private(set) var agent: WorkerAgent
  var connection: Connection?
  /// The connection works again, and the agent has not been told yet.
  var mustNoticeConnection = false
  private(set) var hasLeft = false
  /// The next segment of each running workload.
  private var workloads: [(lease: Lease, next: Int)] = []
  /// Where the tasks that were sent are to go on.
  private var starts: [Lease: Int] = [:]

  init(id: WorkerID, slots: Int) {
    self.id = id
    var configuration = WorkerAgent.Configuration()
    configuration.slots = slots
    agent = WorkerAgent(configuration: configuration)
  }

  var isWorking: Bool { !workloads.isEmpty }

  mutating func connect() {
    connection = Connection()
    mustNoticeConnection = true
  }

  mutating func noticeConnection(at now: Instant) {
    mustNoticeConnection = false
    handle(.connected, at: now)
  }

  /// Takes in the next message, and once more if it is `twice` there.
  mutating func receive(twice: Bool, at now: Instant) {
    guard connection?.toWorker.isEmpty == false, let message = connection?.toWorker.removeFirst() else { return }
    for _ in 0..<(twice ? 2 : 1) {
      switch message {
      case .welcome: handle(.welcomed, at: now)
      case .unknown: handle(.unknown, at: now)
      case .acknowledge(let commit): handle(.acknowledged(commit), at: now)
      case .revoke(let lease): handle(.revoked(lease), at: now)
      case .dispatch(let lease, let segments):
        starts[lease] = segments
        handle(.dispatched([lease]), at: now)
      }
    }
  }

  /// Has one of the workloads finish a segment, or fail.
  mutating func work(fails: Bool, choice: Int, segments: (TaskID) -> Int, at now: Instant) {
    let position = choice % workloads.count
    let (lease, segment) = workloads[position]
    if fails {
      workloads.remove(at: position)
      return handle(.failed(lease), at: now)
    }
    let isLast = segment == segments(lease.task) - 1
    workloads[position].next += 1
    if isLast { workloads.remove(at: position) }
    handle(.produced(Commit(lease: lease, segment: segment, isLast: isLast)), at: now)
  }

  mutating func handle(_ event: WorkerAgent.Event, at now: Instant) {
    for command in agent.handle(event, at: now) { carryOut(command) }
  }

  private mutating func carryOut(_ command: WorkerAgent.Command) {
    switch command {
    case .greet(let holding): connection?.toCoordinator.append(.greet(holding: holding))
    case .heartbeat: connection?.toCoordinator.append(.heartbeat)
    case .start(let lease): workloads.append((lease, starts[lease] ?? 0))
    case .stop(let lease): workloads.removeAll { $0.lease == lease }
    case .send(let commit): connection?.toCoordinator.append(.commit(commit))
    case .sendFailure(let lease): connection?.toCoordinator.append(.failure(lease))
    case .handBack(let leases): connection?.toCoordinator.append(.handBack(leases))
    case .finish, .forget: break
    case .leave:
      connection?.toCoordinator.append(.goodbye)
      hasLeft = true
    }
  }
}
