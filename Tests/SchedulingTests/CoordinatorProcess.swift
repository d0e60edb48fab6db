import Scheduling

/// A coordinator process: the scheduler, the workers it has welcomed, and what is decided and not yet durable.
struct CoordinatorProcess {
  private(set) var scheduler: Scheduler
  private var peers: Set<WorkerID> = []
  private var turn: [Command] = []
  private var catalogue = Catalogue()
  private(set) var promises: Promises

  init(segments: @escaping (TaskID) -> Int) {
    var configuration = Scheduler.Configuration()
    configuration.backoffSecondsMax = 4
    scheduler = Scheduler(configuration: configuration)
    promises = Promises(segments: segments)
  }

  mutating func submit(_ job: Job, at now: Instant) throws {
    catalogue.add(job)
    promises.expect(job)
    try handle(.submitted(job), at: now)
  }

  /// Dies and starts again from what is durable.
  mutating func restart(at now: Instant) {
    peers = []
    (scheduler, turn) = catalogue.scheduler(scheduler.configuration, at: now)
  }

  /// Takes in a message; gives what is to be answered at once.
  mutating func receive(_ message: ToCoordinator, from worker: WorkerID, at now: Instant) throws -> ToWorker? {
    if case .greet(let holding) = message {
      peers.insert(worker)
      try handle(.joined(worker, slots: 1 + worker.rawValue.utf8.count % 2, holding: holding), at: now)
      return .welcome
    }
    guard peers.contains(worker) else { return .unknown }
    try handle(.heard(worker), at: now)
    switch message {
    case .greet, .heartbeat: break
    case .commit(let commit): try handle(.committed(commit, by: worker), at: now)
    case .failure(let lease): try handle(.failed(lease, by: worker), at: now)
    case .handBack(let leases): try handle(.handedBack(leases, by: worker), at: now)
    case .goodbye: try noticeLoss(of: worker, at: now)
    }
    return nil
  }

  mutating func noticeLoss(of worker: WorkerID, at now: Instant) throws {
    if peers.remove(worker) != nil { try handle(.left(worker), at: now) }
  }

  mutating func handle(_ event: Event, at now: Instant) throws {
    turn += scheduler.handle(event, at: now)
    try scheduler.checkInvariants()
  }

  /// Makes durable what was decided, and gives the messages that waited for it.
  mutating func flush() throws -> [(ToWorker, to: WorkerID)] {
    defer { turn = [] }
    var messages: [(ToWorker, to: WorkerID)] = []
    for command in turn {
      try promises.note(command)
      catalogue.carryOut(command)
      switch command {
      case .dispatch(let lease, let segments, let worker):
        messages.append((.dispatch(lease, segments: segments), worker))
      case .acknowledge(let commit, let worker): messages.append((.acknowledge(commit), worker))
      case .revoke(let lease, let worker): messages.append((.revoke(lease), worker))
      case .disconnect(let worker): peers.remove(worker)
      case .persistTask, .persistCommit, .persistLoss, .persistOutcome, .publish: break
      }
    }
    return messages.filter { peers.contains($0.to) }
  }
}
