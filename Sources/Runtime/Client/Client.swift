import Foundation
import Messaging
import Scheduling
import Store

/// Something a client asked for and did not get.
public struct ClientError: Error, CustomStringConvertible {
  /// What kind of trouble it is; more kinds may come.
  public struct Code: Hashable, Sendable {
    let name: String

    /// No coordinator answered in time.
    public static let noAnswer = Code(name: "noAnswer")
    /// The coordinator does not let this client in.
    public static let notAllowed = Code(name: "notAllowed")
    /// The coordinator speaks another version of the protocol.
    public static let otherVersion = Code(name: "otherVersion")
    /// A job of that name exists.
    public static let nameTaken = Code(name: "nameTaken")
    /// There is no such job or file.
    public static let missing = Code(name: "missing")
    /// The coordinator refused for another reason.
    public static let refused = Code(name: "refused")
  }

  public let code: Code
  /// What happened, and what to do.
  public let message: String
  public let cause: (any Error)?

  init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  init(_ refused: Refused) {
    let codes: [String: Code] = [
      "nameTaken": .nameTaken, "missing": .missing, "version": .otherVersion, "role": .notAllowed,
      "revoked": .notAllowed,
    ]
    self.init(codes[refused.code] ?? .refused, refused.message)
  }

  public var description: String { message }
}

/// Talks to a coordinator, one question at a time.
public final class Client {
  private let endpoint: String
  private let timeout: Duration
  private let socket: Socket
  private let monitor: Monitor
  private var pollSet = PollSet()

  /// Connects in the background.
  /// - Parameter timeout: How long to wait for an answer.
  /// - Throws: `MessagingError`: the endpoint or a key file is wrong.
  public init(
    endpoint: String, secretKeyFile: String? = nil, serverKeyFile: String? = nil, timeout: Duration = .seconds(10)
  ) throws(MessagingError) {
    self.endpoint = endpoint
    self.timeout = timeout
    var options = SocketOptions()
    options.linger = .milliseconds(200)
    options.security = try Security(secretKeyFile: secretKeyFile, serverKeyFile: serverKeyFile)
    socket = try Socket(.dealer, try Context(), options)
    monitor = try Monitor(socket)
    try socket.connect(endpoint)
    pollSet.add(socket)
    pollSet.add(monitor)
  }

  /// Submits a job.
  /// - Parameters:
  ///   - inputs: Bytes of the files that the job reads, by the names it uses.
  ///   - stored: Such files that are in the store already, as `digest(of:in:)` gives them.
  /// - Throws: `ClientError`, `.nameTaken` if a job has the name already.
  public func submit(
    name: String, file: String, yaml: String, inputs: [String: [UInt8]], stored: [String: Digest] = [:]
  ) throws {
    var digests = stored
    for (input, bytes) in inputs.sorted(by: { $0.key < $1.key }) { digests[input] = try put(bytes) }
    _ = try ask(Submit(name: name, file: file, yaml: yaml, inputs: digests), Submitted.self)
  }

  /// All jobs of the store, oldest first.
  public func jobs() throws -> [JobSummary] { try ask(ListJobs(), Jobs.self).jobs }

  /// A job in detail.
  public func status(of job: String) throws -> JobStatus { try ask(AskStatus(name: job), Status.self).status }

  /// The workers that are connected.
  public func workers() throws -> [WorkerSummary] { try ask(ListWorkers(), Workers.self).workers }

  /// Tells workers to hand back what they have, and to end: the one of a name, those of a host, or all.
  /// - Returns: Their names.
  public func drainWorkers(named worker: String? = nil, on host: String? = nil) throws -> [String] {
    try ask(DrainWorkers(worker: worker, host: host), Draining.self).workers
  }

  /// Ends a job now.
  public func cancel(_ job: String) throws { _ = try ask(Cancel(name: job), Cancelled.self) }

  /// Tries the failed tasks of a failed job again.
  /// - Returns: How many these are.
  public func retry(_ job: String) throws -> Int { try ask(Retry(name: job), Retried.self).tasks }

  /// Removes an ended job with all its files.
  public func remove(_ job: String) throws { _ = try ask(Remove(name: job), Removed.self) }

  /// The blob of a job's file: one that its tasks have committed, the newest of that name, or one that it was submitted with.
  /// `job.yaml` is the job file itself.
  public func digest(of name: String, in job: String) throws -> Digest {
    try ask(AskArtifact(job: job, name: name), Artifact.self).digest
  }

  /// The bytes of a job's file.
  public func artifact(_ name: String, of job: String) throws -> [UInt8] {
    let digest = try digest(of: name, in: job)
    var bytes: [UInt8] = []
    while true {
      let envelope = try exchange(Envelope(Fetch(digest: digest, offset: bytes.count)))
      let chunk = try read(envelope, Chunk.self)
      bytes += envelope.payload.first ?? []
      if bytes.count >= chunk.size { return bytes }
    }
  }

  private func put(_ bytes: [UInt8]) throws -> Digest {
    let digest = Digest(of: bytes)
    var offset = 0
    repeat {
      let piece = Array(bytes[offset..<min(bytes.count, offset + BlobPiece.bytesMax)])
      let envelope = Envelope(Put(digest: digest, size: bytes.count, offset: offset), payload: [piece])
      offset = try read(try exchange(envelope), Stored.self).offset
    } while offset < bytes.count
    return digest
  }

  private func ask<Answer: MessageBody>(_ question: some MessageBody, _: Answer.Type) throws -> Answer {
    try read(try exchange(Envelope(question)), Answer.self)
  }

  private func read<Body: MessageBody>(_ envelope: Envelope, _: Body.Type) throws -> Body {
    if envelope.type == Refused.type { throw ClientError(try envelope.decode(Refused.self)) }
    guard envelope.type == Body.type else {
      throw ClientError(.refused, "The coordinator answered \(envelope.type) instead of \(Body.type).")
    }
    return try envelope.decode()
  }

  private func exchange(_ envelope: Envelope) throws -> Envelope {
    // What is left is the answer to a question that was given up.
    while try socket.receive() != nil {}
    _ = try socket.send(Message(envelope.frames))
    let end = MonotonicClock.now.advanced(bySeconds: Double(timeout.components.seconds))
    while MonotonicClock.now < end {
      if let answer = try receive() { return answer }
      try pollSet.wait(atMost: .milliseconds(100))
      while let event = try monitor.next() { try check(event) }
    }
    throw ClientError(
      .noAnswer, "No coordinator answers at \(endpoint). Start one there, or check the address and keys.")
  }

  private func receive() throws -> Envelope? {
    while let message = try socket.receive() {
      do throws(EnvelopeError) {
        let envelope = try Envelope(frames: message.frames)
        if envelope.type != Pulse.type { return envelope }
      } catch {
        throw ClientError(error.isOtherVersion ? .otherVersion : .refused, error.message)
      }
    }
    return nil
  }

  private func check(_ event: MonitorEvent) throws(ClientError) {
    switch event.kind {
    case .handshakeFailedAuth:
      throw ClientError(
        .notAllowed,
        "The coordinator at \(endpoint) does not know this key. Add it to its --allowed-keys, with role=client.")
    case .handshakeFailedProtocol:
      throw ClientError(
        .notAllowed, "\(endpoint) is no coordinator, or uses keys: give --secret-key and --server-key if it does.")
    default: break
    }
  }
}
