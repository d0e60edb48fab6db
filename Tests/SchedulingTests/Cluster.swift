import Scheduling
import TestSupport

/// A cluster in memory that has everything go wrong that the seed says.
struct Cluster {
  private var random: SplitMix64
  private var now = Instant(nanoseconds: 1_000_000_000)
  private var coordinator: CoordinatorProcess
  private var workers: [WorkerProcess] = []
  private var workersStarted = 0
  private var jobsSubmitted = 0
  /// What still arrives of connections that were cut, and that they were.
  private var strays: [(ToCoordinator, from: WorkerID)] = []
  private var losses: [WorkerID] = []

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    coordinator = CoordinatorProcess(segments: Self.segments)
    for _ in 0...random.below(4) { startWorker() }
  }

  var outcomes: [JobID: Job.Outcome] { coordinator.promises.outcomes }

  private static func segments(of task: TaskID) -> Int { 1 + (task.job.rawValue + task.group + 3 * task.index) % 4 }

  /// Lets something happen.
  mutating func step() throws {
    now = now.advanced(bySeconds: Double(random.below(60)) / 1000)
    let position = random.below(workers.count)
    switch random.below(100) {
    case 0..<25: try receive(from: position)
    case 25..<45: workers[position].receive(twice: random.oneIn(20), at: now)
    case 45..<57: work(position)
    case 57..<72: try flush()
    case 72..<80: workers[position].handle(.tick, at: now)
    case 80..<85: try coordinator.handle(.tick, at: now)
    case 85..<88: reconnect(position)
    case 88..<90: try receiveStray()
    case 90: try submit()
    default: try fault(position)
    }
    if workers[position].hasLeft { replace(position) }
  }

  /// Faults stop: everything arrives, until all jobs have ended.
  /// - Returns: Whether they have, in ten minutes.
  mutating func settle() throws -> Bool {
    for _ in 0..<6000 {
      now = now.advanced(bySeconds: 0.1)
      while !strays.isEmpty { try receiveStray() }
      while let worker = losses.popLast() { try coordinator.noticeLoss(of: worker, at: now) }
      for position in workers.indices {
        reconnect(position)
        if workers[position].isWorking { work(position, fails: false) }
        workers[position].handle(.tick, at: now)
        while workers[position].connection?.toCoordinator.isEmpty == false { try receive(from: position, twice: false) }
        if workers[position].hasLeft { replace(position) }
      }
      try coordinator.handle(.tick, at: now)
      try flush()
      for position in workers.indices {
        while workers[position].connection?.toWorker.isEmpty == false {
          workers[position].receive(twice: false, at: now)
        }
      }
      if coordinator.promises.openJobs.isEmpty { return true }
    }
    return false
  }

  private mutating func fault(_ position: Int) throws {
    switch random.below(40) {
    case 0..<12: cut(position)
    case 12..<16: replace(position)
    case 16..<18: restartCoordinator()
    case 18..<20: workers[position].handle(.drain, at: now)
    case 20..<30: if let worker = losses.popLast() { try coordinator.noticeLoss(of: worker, at: now) }
    case 30..<32: now = now.advanced(bySeconds: 5)
    case 32:
      let open = coordinator.promises.openJobs
      if !open.isEmpty, random.oneIn(4) { try coordinator.handle(.cancelled(open[random.below(open.count)]), at: now) }
    default: break
    }
  }

  private mutating func startWorker() {
    workersStarted += 1
    let name = String(repeating: "w", count: 1 + workersStarted % 2) + "\(workersStarted)"
    workers.append(WorkerProcess(id: WorkerID(rawValue: name), slots: 1 + name.utf8.count % 2))
  }

  /// A worker is killed, or has left, and another process starts in its place.
  private mutating func replace(_ position: Int) {
    cut(position)
    startWorker()
    workers.swapAt(position, workers.count - 1)
    workers.removeLast()
  }

  /// Of what is under way to the coordinator the end is lost, and the rest may come late, or twice.
  private mutating func cut(_ position: Int) {
    guard let connection = workers[position].connection else { return }
    let worker = workers[position].id
    for message in connection.toCoordinator.prefix(random.below(connection.toCoordinator.count + 1)) {
      for _ in 0...(random.oneIn(8) ? 1 : 0) { strays.append((message, worker)) }
    }
    workers[position].connection = nil
    // Sometimes only silence tells.
    if !random.oneIn(4) { losses.append(worker) }
  }

  private mutating func restartCoordinator() {
    for position in workers.indices { cut(position) }
    (strays, losses) = ([], [])
    coordinator.restart(at: now)
  }

  private mutating func reconnect(_ position: Int) {
    if workers[position].connection == nil {
      workers[position].connect()
    } else if workers[position].mustNoticeConnection {
      workers[position].noticeConnection(at: now)
    }
  }

  private mutating func receive(from position: Int, twice: Bool? = nil) throws {
    guard workers[position].connection?.toCoordinator.isEmpty == false else { return }
    guard let message = workers[position].connection?.toCoordinator.removeFirst() else { return }
    for _ in 0...(twice ?? random.oneIn(20) ? 1 : 0) { try deliver(message, from: workers[position].id) }
  }

  private mutating func receiveStray() throws {
    guard !strays.isEmpty else { return }
    let (message, worker) = strays.removeFirst()
    try deliver(message, from: worker)
  }

  private mutating func deliver(_ message: ToCoordinator, from worker: WorkerID) throws {
    if let answer = try coordinator.receive(message, from: worker, at: now) { send(answer, to: worker) }
  }

  private mutating func flush() throws {
    for (message, worker) in try coordinator.flush() { send(message, to: worker) }
  }

  private mutating func send(_ message: ToWorker, to worker: WorkerID) {
    guard let position = workers.firstIndex(where: { $0.id == worker }) else { return }
    workers[position].connection?.toWorker.append(message)
  }

  private mutating func work(_ position: Int, fails: Bool? = nil) {
    guard workers[position].isWorking else { return }
    let fails = fails ?? random.oneIn(6)
    workers[position].work(fails: fails, choice: random.below(8), segments: Self.segments, at: now)
  }

  private mutating func submit() throws {
    guard coordinator.promises.openJobs.count < 4 else { return }
    jobsSubmitted += 1
    let groups = (0...random.below(3)).map { position in
      Job.Group(
        count: random.below(5), after: position > 0 && random.oneIn(2) ? [random.below(position)] : [],
        leaseAhead: random.oneIn(2) ? random.below(4) : 0, retries: random.below(3))
    }
    let job = Job(id: JobID(rawValue: jobsSubmitted), share: 1 + random.below(3), groups: groups)
    try coordinator.submit(job, at: now)
  }
}
