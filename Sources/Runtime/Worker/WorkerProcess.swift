import DequeModule
import Foundation
import Glibc
import Logging
import Messaging
import Scheduling
import Store

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
    /// Name of this worker in messages; made from the host and process if absent.
    public var name: String?
    /// Folder for blobs where the store is not shared.
    public var cachePath: String
    /// This worker's secret key and the coordinator's public key.
    public var secretKeyFile: String?
    public var serverKeyFile: String?
    /// End at once when the parent process is gone.
    public var exitsWithParent = false

    public init(endpoint: String, cachePath: String) {
      self.endpoint = endpoint
      self.cachePath = cachePath
    }
  }

  /// Seconds a draining worker gives its tasks to reach their next commit.
  private static let drainSeconds = 30.0

  private let configuration: Configuration
  private let id: WorkerID
  private let logger: Logger
  private let stopSignal: StopSignal
  private let socket: Socket
  private let monitor: Monitor
  private let desk: WorkerDesk
  private var agent: WorkerAgent
  private var jobs: [JobID: JobDescription] = [:]
  private var assignments: [Lease: Assignment] = [:]
  private var reports: [Commit: CommitReport] = [:]
  private var failures: [Lease: String] = [:]
  private var uploader = Uploader()
  private var fetcher = Fetcher()
  private var outgoing: [CommitReport] = []
  private var uploadsPausedUntil = Instant(nanoseconds: 0)
  private var sharesStore = false
  private var isDone = false
  private var connection = ConnectionNews()

  /// Makes a worker and starts its computing threads.
  /// - Throws: `MessagingError`: the endpoint or a key file is wrong.
  public init(
    _ configuration: Configuration, workshop: Workshop, stopSignal: StopSignal, logger: Logger
  ) throws {
    self.configuration = configuration
    self.logger = logger
    self.stopSignal = stopSignal
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
    defer { try? FileManager.default.removeItem(atPath: cachePath) }
    let parent = getppid()
    var drainStarted: Instant?
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
      if configuration.exitsWithParent, getppid() != parent { return }
      if stopSignal.isRequested {
        if drainStarted == nil { handle(.drain) }
        let started = drainStarted ?? MonotonicClock.now
        drainStarted = started
        if MonotonicClock.now.seconds(since: started) > Self.drainSeconds { return }
      }
    }
  }

  private var cachePath: String { "\(configuration.cachePath)/\(id)" }

  private func takeMonitorEvents() throws {
    while let event = try monitor.next() {
      if try connection.take(event, configuration.endpoint, logger) { handle(.connected) }
    }
  }

  private func take(_ message: Message) throws {
    connection.heard(at: MonotonicClock.now)
    do throws(EnvelopeError) {
      try take(try Envelope(frames: message.frames))
    } catch {
      if error.isOtherVersion { throw WorkerRefused(code: "version", message: error.message) }
      logger.warning("dropped a message", metadata: ["reason": "\(error)"])
    }
    if let refusal = connection.refusal { throw refusal }
  }

  private func take(_ envelope: Envelope) throws(EnvelopeError) {
    switch envelope.type {
    case Pulse.type: break
    case Welcome.type: enter(try envelope.decode())
    case Unknown.type: handle(.unknown)
    case Dispatch.type: take(try envelope.decode(Dispatch.self))
    case Acknowledge.type:
      for commit in try envelope.decode(Acknowledge.self).commits { handle(.acknowledged(commit)) }
    case Revoke.type:
      for lease in try envelope.decode(Revoke.self).leases {
        assignments[lease] = nil
        failures[lease] = nil
        handle(.revoked(lease))
      }
    case Stored.type: try take(try envelope.decode(Stored.self))
    case Chunk.type: take(try envelope.decode(Chunk.self), envelope.payload)
    case Refused.type: take(try envelope.decode(Refused.self))
    default: throw EnvelopeError(message: "no message is of type \(envelope.type)")
    }
  }

  /// Finds out whether the store is a folder that this host sees, and goes on.
  private func enter(_ welcome: Welcome) {
    sharesStore = StoreFolder.isReachable(welcome.storePath, identity: welcome.storeIdentity)
    do throws(StoreError) {
      desk.use(try BlobStore(storeFolder: sharesStore ? welcome.storePath : cachePath))
    } catch {
      return logger.error("cannot use a folder for blobs", metadata: ["error": "\(error)"])
    }
    connection.joined(sharesStore: sharesStore, logger)
    uploader.restart()
    fetcher.restart()
    handle(.welcomed)
  }

  private func take(_ dispatch: Dispatch) {
    for job in dispatch.jobs { jobs[job.id] = job }
    for assignment in dispatch.assignments { assignments[assignment.lease] = assignment }
    handle(.dispatched(dispatch.assignments.map(\.lease)))
  }

  private func take(_ stored: Stored) throws(EnvelopeError) {
    guard let blobs = desk.blobs else { return }
    do throws(StoreError) {
      for report in try uploader.stored(stored, blobs) { claim(report) }
    } catch {
      logger.error("a blob is gone from the cache", metadata: ["error": "\(error)"])
    }
  }

  private func take(_ chunk: Chunk, _ payload: [[UInt8]]) {
    guard let blobs = desk.blobs, let bytes = payload.first else { return }
    do throws(StoreError) {
      try fetcher.take(chunk, bytes, into: blobs)
    } catch {
      fetcher.refuse("\(error)")
    }
  }

  private func take(_ refused: Refused) {
    if let digest = refused.digest, digest == fetcher.current {
      fetcher.refuse(refused.message)
    } else if refused.digest != nil {
      logger.warning("the coordinator cannot store a blob; trying again", metadata: ["reason": "\(refused.message)"])
      uploadsPausedUntil = MonotonicClock.now.advanced(bySeconds: 2)
      uploader.restart()
    } else {
      connection.refusal = WorkerRefused(code: refused.code, message: refused.message)
    }
  }

  private func takePosts() {
    for post in desk.posts.takeAll() {
      switch post {
      case .produced(let report): sharesStore ? claim(report) : upload(report)
      case .failed(let lease, let message):
        failures[lease] = message
        handle(.failed(lease))
      case .wanted(let request): fetcher.add(request)
      }
    }
  }

  private func upload(_ report: CommitReport) {
    guard let blobs = desk.blobs, !report.isEmpty else { return claim(report) }
    do throws(StoreError) {
      try uploader.add(report, blobs)
    } catch {
      desk.commitSettled()
      failures[report.commit.lease] = "\(error)"
      handle(.failed(report.commit.lease))
    }
  }

  /// All blobs of a commit are in the store.
  private func claim(_ report: CommitReport) {
    reports[report.commit] = report
    handle(.produced(report.commit))
  }

  private func handle(_ event: WorkerAgent.Event) {
    for command in agent.handle(event, at: MonotonicClock.now) { carryOut(command) }
  }

  private func carryOut(_ command: WorkerAgent.Command) {
    switch command {
    case .greet(let holding):
      let host = ProcessInfo.processInfo.hostName
      send(Hello(worker: id, slots: configuration.slots, host: host, processID: getpid(), holding: holding))
    case .heartbeat: send(Heartbeat(progress: desk.progress))
    case .start(let lease):
      guard let assignment = assignments.removeValue(forKey: lease), let job = jobs[lease.task.job] else { return }
      desk.start(assignment, of: job)
    case .stop(let lease): desk.stop(lease)
    case .finish(let lease): desk.finish(lease)
    case .send(let commit): if let report = reports[commit] { outgoing.append(report) }
    case .sendFailure(let lease): send(Failure(lease: lease, message: failures[lease] ?? "unknown"))
    case .handBack(let leases): send(HandBack(leases: leases))
    case .forget(let commit): forget(commit)
    case .leave:
      sendCommits()
      send(Goodbye())
      isDone = true
    }
  }

  private func forget(_ commit: Commit) {
    guard let report = reports.removeValue(forKey: commit) else { return }
    desk.commitSettled()
    guard !sharesStore, let blobs = desk.blobs else { return }
    for digest in report.digests { blobs.remove(digest) }
  }

  /// Sends the commits of this turn in one message.
  private func sendCommits() {
    guard !outgoing.isEmpty else { return }
    send(Commits(reports: outgoing))
    outgoing.removeAll(keepingCapacity: true)
  }

  private func sendPieces() {
    guard let blobs = desk.blobs else { return }
    while MonotonicClock.now >= uploadsPausedUntil, let put = uploader.nextPiece() {
      guard let piece = try? blobs.read(put.digest, offset: put.offset, count: Coordinator.pieceBytes) else { return }
      send(put, payload: [piece.bytes])
    }
    while let fetch = fetcher.nextPiece() { send(fetch) }
  }

  /// Sends a message if there is a connection; whatever matters is sent again after the next welcome.
  private func send(_ body: some MessageBody, payload: [[UInt8]] = []) {
    if !(body is Commits) { sendCommits() }
    _ = try? socket.send(Message(Envelope(body, payload: payload).frames))
  }
}
