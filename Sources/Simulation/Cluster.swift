import OrderedCollections
import Scheduling

/// A simulated cluster: hosts, a network, a disk, the processes, and all that happens to them.
final class Cluster {
  let seed: UInt64
  let options: Options
  let mutant: Mutant
  var chance: Chance
  var timeline = Timeline()
  var now = Instant(nanoseconds: 0)
  var network: Network
  var disk = Disk()
  var catalogue = SimulatedCatalogue()
  private(set) lazy var ledger = Ledger(self)
  private(set) var hosts: [Host] = []
  private(set) var workers: [WorkerProcess] = []
  private(set) var coordinator: CoordinatorProcess?
  /// The end of the time in which things go wrong.
  private(set) var isHealing = false
  private(set) var failure: Failure?
  private(set) var events = 0
  var faults = 0
  var reliefs: OrderedDictionary<Int, Relief> = [:]
  private(set) var trace: Trace?
  private var workersStarted = 0

  init(seed: UInt64, options: Options, chance: Chance, mutant: Mutant, trace: Trace?) {
    self.seed = seed
    self.options = options
    self.mutant = mutant
    self.chance = chance
    self.trace = trace
    network = Network(hosts: options.hosts + 1)
    catalogue.syncsEveryWrite = mutant != .catalogueNotSynced
  }

  /// Runs to the end, or to the first broken promise.
  func run() {
    begin()
    while failure == nil, let (instant, happening) = timeline.popFirst() {
      now = instant
      events += 1
      happen(happening)
      if isHealing, ledger.isDone { break }
    }
    if failure == nil { ledger.checkResults() }
    for worker in workers { worker.abandon(silently: true) }
    coordinator?.end()
    timeline = Timeline()
  }

  private func begin() {
    for number in 0...options.hosts {
      let drift = chance.between(-options.drift, options.drift)
      let origin = Int64(chance.below(1_000_000)) * 1_000_000
      hosts.append(Host(number, drift: drift, origin: origin, now: now))
    }
    startCoordinator()
    for host in hosts.dropFirst() {
      for _ in 0..<options.workersPerHost { startWorker(on: host) }
    }
    if chance.oneIn(2), options.jobs.isEmpty { startWorker(on: hosts[0]) }
    timeline.add(.client, at: now.advanced(bySeconds: 0.1))
    timeline.add(.inspection, at: now.advanced(bySeconds: 1))
    timeline.add(.healing, at: now.advanced(bySeconds: options.faultySeconds))
    if !options.faults.isEmpty { planFault() }
  }

  /// Lets something happen, unless whom it happens to is dead or frozen.
  func happen(_ happening: Happening) {
    if let process = happening.process, !process.isAlive || process.defers(happening) { return }
    switch happening {
    case .arrival(let connection, let direction): arrive(connection, direction)
    case .keepAlive(let connection): keepAlive(connection)
    case .turn(let coordinator): coordinator.takeTurn()
    case .written(let coordinator): coordinator.finishWriting()
    case .published(let coordinator): coordinator.finishPublishingStep()
    case .uploaded(let coordinator, let upload): coordinator.goOn(with: upload)
    case .tick(let worker): worker.tick()
    case .dial(let worker): worker.dial()
    case .received(let worker, let message, let connection): worker.take(message, from: connection)
    case .step(let worker, let thread, let ticket): worker.step(thread, ticket: ticket)
    case .client: visit()
    case .fault: strike()
    case .relief(let number): relieve(number)
    case .healing: heal()
    case .inspection: inspect()
    }
  }

  /// Seconds that a sync of the store's disk takes.
  func fsyncSeconds() -> Double { options.fsyncSeconds * chance.between(0.5, 2) * disk.slowness }

  // A user brings jobs as long as things go wrong, and sometimes cancels one.
  private func visit() {
    guard !isHealing else { return }
    let isReached = coordinator?.isRunning == true
    if isReached, !options.jobs.isEmpty {
      for job in options.jobs { coordinator?.take(.submit(job)) }
      return
    }
    if isReached, ledger.openJobs.count < options.openJobsMax {
      coordinator?.take(.submit(JobDraft(&chance, options)))
    } else if isReached, chance.oneIn(20), let job = chance.element(of: ledger.openJobs) {
      ledger.wantsCancelled(job)
      coordinator?.take(.cancel(job))
    }
    timeline.add(.client, at: now.advanced(bySeconds: chance.between(0, options.faultySeconds / 10)))
  }

  private func inspect() {
    ledger.inspect()
    timeline.add(.inspection, at: now.advanced(bySeconds: 5))
  }

  private func heal() {
    isHealing = true
    trace(nil, "all faults end")
    for number in reliefs.keys { relieve(number) }
    ledger.healed(at: now)
  }

  func startCoordinator() {
    guard coordinator == nil else { return }
    let started = CoordinatorProcess(self, on: hosts[0])
    trace(started, "starts")
    coordinator = started
    ledger.coordinatorStarted(at: now)
    started.restore()
  }

  /// `kill -9`: the kernel closes its connections.
  func killCoordinator(restartingAfter seconds: Double, silently: Bool = false) {
    guard let killed = coordinator else { return }
    coordinator = nil
    killed.abandon()
    for worker in workers {
      if let connection = worker.connection { close(connection, .down, silently: silently) }
    }
    if !silently { relieve(after: seconds, .startCoordinator) }
  }

  func startWorker(on host: Host, named name: WorkerID? = nil) {
    workersStarted += 1
    let worker = WorkerProcess(self, on: host, id: name ?? WorkerID(rawValue: "w\(workersStarted)"))
    trace(worker, "starts\(worker.isMisbehaving ? ", and will misbehave" : "")")
    workers.append(worker)
    ledger.workerStarted(worker)
  }

  /// A worker process ends, by itself or not, and another one starts in its place.
  func end(_ worker: WorkerProcess, silently: Bool) {
    worker.abandon(silently: silently)
    ledger.workerEnded(worker, at: now)
    workers.removeAll { $0 === worker }
    let name = options.keepsNames ? worker.id : nil
    if silently {
      worker.host.pendingWorkers.append(name)
    } else {
      relieve(after: isHealing ? 0.5 : chance.between(0.1, options.restartSeconds), .startWorker(worker.host, name))
    }
  }

  /// A reader looks at the store whenever it changes.
  func look(at path: Path) { ledger.look(at: path, disk) }

  func fail(_ kind: Failure.Kind, _ promise: String, _ reason: @autoclosure () -> String) {
    guard failure == nil else { return }
    failure = Failure(kind: kind, promise: promise, reason: reason(), seconds: Double(now.nanoseconds) / 1e9)
    trace(nil, "\(promise) is broken: \(failure?.reason ?? "")")
  }

  /// Notes what happens for readers of the trace.
  func trace(_ process: SimulatedProcess?, _ text: @autoclosure () -> String, unless isRoutine: Bool = false) {
    guard trace != nil, !isRoutine else { return }
    let who =
      switch process {
      case let worker as WorkerProcess: "\(worker.id)"
      case is CoordinatorProcess: "coordinator"
      default: "-"
      }
    trace?.add(now, who, text())
  }
}
