import Glibc
import Messaging
import TestSupport

/// A peer that speaks to a coordinator as it likes.
public struct HostilePeer: ~Copyable {
  private let socket: Socket

  /// Connects in the background.
  /// - Parameters:
  ///   - security: Its keys, where the coordinator wants some.
  ///   - receives: Messages that it takes before it has read the first.
  ///   - queues: Messages that wait to be sent before sending blocks.
  ///   - linger: How long what is queued is still sent after its end.
  public init(
    _ endpoint: String, security: Security = .none, receives: Int32 = 1000, queues: Int32 = 100_000,
    linger: Duration = .seconds(5)
  ) throws {
    var options = SocketOptions()
    (options.linger, options.sendHighWaterMark) = (linger, queues)
    (options.security, options.receiveHighWaterMark) = (security, receives)
    // libzmq 4.3.4 aborts a process that does not read, has heartbeats, and is cut off.
    options.heartbeatInterval = .zero
    let socket = try Socket(.dealer, try Context(), options)
    try socket.connect(endpoint)
    self.socket = socket
  }

  /// Sends frames as they are.
  @discardableResult
  public func send(frames: [[UInt8]]) throws -> SendOutcome { try socket.send(Message(frames)) }

  /// Sends a message of the protocol, whose body may be anything.
  @discardableResult
  public func send(_ type: String, _ body: String, payload: [UInt8]? = nil) throws -> SendOutcome {
    let head = [Array(Envelope.version.utf8), Array(type.utf8), Array(body.utf8)]
    return try send(frames: head + (payload.map { [$0] } ?? []))
  }

  /// Types of the messages that have come, and of all that come within a time.
  public func types(within time: Duration) throws -> [String] {
    var types: [String] = []
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end {
      while let message = try socket.receive() { types.append(try Envelope(frames: message.frames).type) }
      usleep(10_000)
    }
    return types
  }

  /// The next message of one of the types; others are passed over.
  @discardableResult
  public func next(_ types: String..., within limit: Duration = .seconds(20)) throws -> Envelope {
    try eventually("a message of type \(types)", within: limit) {
      while let message = try socket.receive() {
        let envelope = try Envelope(frames: message.frames)
        if types.contains(envelope.type) { return envelope }
      }
      return nil
    }
  }
}
