import DequeModule
import Foundation
import Glibc
import Logging
import Messaging
import Scheduling
import Store
import Telemetry

/// A worker: a thin edge around the ``WorkerAgent``, and threads that compute.
///
/// This thread owns the socket and never computes, so the coordinator hears from it whatever the workloads do.
public final class WorkerProcess {
  /// What a worker connects to and how much it does at a time.
  public struct Configuration: Sendable {
    /// The coordinator, for example `tcp://10.0.0.1:5555`.
    public var endpoint: String
    /// Tasks worked on at the same time.
    public var slots = 1
    /// What each slot has for a task.
    public var offer = Resources()
    /// Name of this worker in messages; made from the host and process if absent.
    public var name: String?
    /// Folder for blobs where the store is not shared.
    public var cachePath: String
    /// This worker's secret key and the coordinator's public key.
    public var secretKeyFile: String?
    public var serverKeyFile: String?
    /// Seconds from being asked to end to the end: tasks that have not paused or committed by then are handed back as they
    /// were at their last commit.
    public var graceSeconds = 30.0
    /// Seconds from the start by which the worker must have ended, if any; it drains in time.
    public var lifetimeSeconds: Double?
    /// End at once when the parent process is gone.
    public var exitsWithParent = false
    /// Where to show figures; nil if nobody looks.
    public var vitals: Vitals?

    public init(endpoint: String, cachePath: String) {
      self.endpoint = endpoint
      self.cachePath = cachePath
    }
  }

  let configuration: Configuration
  let id: WorkerID
  let logger: Logger
  private let stopSignal: StopSignal
  let socket: Socket
  private let monitor: Monitor
  let desk: WorkerDesk
  var agent: WorkerAgent
  var jobs: [JobID: JobDescription] = [:]
  var assignments: [Lease: Assignment] = [:]
  var reports: [Commit: CommitReport] = [:]
  var failures: [Lease: String] = [:]
  /// Tasks that stopped inside a segment, as they are told to the coordinator.
  var pauses: [Lease: CommitReport] = [:]
  /// The same, while their checkpoints are on the way: only what is stored may be handed back.
  var pausing: [Lease: CommitReport] = [:]
  var uploader = Uploader()
  var fetcher = Fetcher()
  var commits = CommitQueue()
  var uploadsPausedUntil = Instant(nanoseconds: 0)
  var fetchesPausedUntil = Instant(nanoseconds: 0)
  /// Made when it turns out that the store is not shared.
  var cache: CacheFolder?
  var sharesStore = false
  /// When the lifetime is over.
  private let lifetimeEnd: Instant?
  private var drainEnd: Instant?
  private var lastRenewal = MonotonicClock.now
  var isDone = false
  var connection = ConnectionNews()
  /// What has happened since the start, for those who look.
  var acknowledgedCommits = 0
  var failedTasks = 0
  private var metricsShown = Instant(nanoseconds: 0)

  /// Makes a worker and starts its computing threads.
  /// - Throws: `MessagingError`: the endpoint or a key file is wrong.
  public init(
    _ configuration: Configuration, workshop: Workshop, stopSignal: StopSignal, logger: Logger
  ) throws {
    self.configuration = configuration
    self.logger = logger
    self.stopSignal = stopSignal
    lifetimeEnd = configuration.lifetimeSeconds.map(MonotonicClock.now.advanced)
    let host = ProcessInfo.processInfo.hostName
    let unique = UUID().uuidString.prefix(4).lowercased()
    id = WorkerID(rawValue: configuration.name ?? "\(host)-\(getpid())-\(unique)")
    var options = SocketOptions()
    options.linger = .milliseconds(200)
    options.immediate = true
    options.frameBytesMax = 64 << 20
    options.security = try Security(
      secretKeyFile: configuration.secretKeyFile, serverKeyFile: configuration.serverKeyFile)
    socket = try Socket(.dealer, try Context(), options)
    monitor = try Monitor(socket)
    try socket.connect(configuration.endpoint)
    desk = WorkerDesk(wakeUp: stopSignal.wakeUp, logger: logger)
    var agentConfiguration = WorkerAgent.Configuration()
    agentConfiguration.slots = configuration.slots
    agent = WorkerAgent(configuration: agentConfiguration)
    for slot in 0..<configuration.slots { ComputeThread.start(slot, workshop, desk, logger) }
  }

  /// Works until it is asked to end and has nothing left to do.
  /// - Throws: `WorkerRefused` when the coordinator will never take this worker, `MessagingError`.
  public func run() throws {
    defer { cache = nil }
    let parent = getppid()
    var pollSet = PollSet()
    pollSet.add(socket)
    pollSet.add(monitor)
    pollSet.add(descriptor: stopSignal.wakeUp.descriptor)
    while !isDone {
      try pollSet.wait(atMost: .milliseconds(100))
      stopSignal.wakeUp.drain()
      try takeMonitorEvents()
      while let message = try socket.receive() { try take(message) }
      takePosts()
      handle(.tick)
      sendPieces()
      sendCommits()
      connection.remind(configuration.endpoint, at: MonotonicClock.now, logger)
      showMetrics()
      if configuration.exitsWithParent, getppid() != parent { return }
      drainInTime()
      renewBlobs()
    }
  }

  /// Keeps the blobs of commits that are not acknowledged young: a worker may be cut off from the coordinator, and not from
  /// a shared store, for longer than garbage is kept.
  private func renewBlobs() {
    let now = MonotonicClock.now
    guard now.seconds(since: lastRenewal) >= 600 else { return }
    lastRenewal = now
    for digest in reports.values.flatMap(\.digests) { _ = try? desk.blobs?.renew(digest) }
  }

  private func drainInTime() {
    let now = MonotonicClock.now
    if stopSignal.isRequested { beginToDrain("asked to end") }
    if let end = lifetimeEnd, now >= end.advanced(bySeconds: -configuration.graceSeconds) {
      beginToDrain("the lifetime is nearly over")
    }
    if let end = drainEnd, now >= end, !isDone { handle(.abandon) }
  }

  /// Lets the tasks pause or come to their next commit, but not for longer than the grace.
  func beginToDrain(_ reason: String) {
    guard drainEnd == nil else { return }
    let end = MonotonicClock.now.advanced(bySeconds: configuration.graceSeconds)
    drainEnd = min(end, lifetimeEnd ?? end)
    logger.info("draining", metadata: ["reason": "\(reason)"])
    handle(.drain)
  }

  /// Shows the present figures, at most once a second.
  private func showMetrics() {
    guard let vitals = configuration.vitals else { return }
    vitals.turn()
    let now = MonotonicClock.now
    guard now.seconds(since: metricsShown) >= 1 else { return }
    metricsShown = now
    vitals.publish(
      [
        .gauge("worker_joined", "Whether the coordinator knows this worker now.", connection.isJoined ? 1 : 0),
        .gauge("worker_slots", "Tasks worked on at a time.", Double(configuration.slots)),
        .gauge("worker_tasks", "Tasks being worked on.", Double(desk.progress.count)),
        .gauge("worker_unacknowledged_commits", "Commits not yet acknowledged.", Double(reports.count)),
        .counter("worker_commits_total", "Commits acknowledged.", Double(acknowledgedCommits)),
        .counter("worker_failures_total", "Tasks that ended with an error.", Double(failedTasks)),
      ], obstacle: connection.isJoined ? nil : "the coordinator does not know this worker yet")
  }

  private func takeMonitorEvents() throws {
    while let event = try monitor.next() {
      if try connection.take(event, configuration.endpoint, logger) { handle(.connected) }
    }
  }
}
