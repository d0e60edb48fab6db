internal import CZeroMQ

/// One thing that happened to a connection of a socket.
public struct MonitorEvent: Hashable, Sendable {
  /// What happened, with the value that libzmq gives for it.
  public enum Kind: Hashable, Sendable {
    /// A TCP connection to the endpoint stands; CURVE is still to come.
    case connected(descriptor: Int32)
    /// A TCP connect goes on in the background.
    case connectDelayed
    /// The next attempt to connect starts after this pause.
    case connectRetried(milliseconds: Int32)
    /// The socket listens.
    case listening(descriptor: Int32)
    /// The socket could not listen.
    case bindFailed(errorNumber: Int32)
    /// A peer connected; CURVE is still to come.
    case accepted(descriptor: Int32)
    /// A peer could not be accepted, for example because the process has no descriptors left.
    case acceptFailed(errorNumber: Int32)
    /// A listener, or an attempt to connect, was closed.
    case closed(descriptor: Int32)
    /// Closing failed.
    case closeFailed(errorNumber: Int32)
    /// An established connection ended: the peer's process died, cut us off, or fell silent for too long.
    case disconnected(descriptor: Int32)
    /// The peer may talk.
    case handshakeSucceeded
    /// The handshake ended early: the peer hung up (as a server does whose public key is another one) or was too slow.
    case handshakeFailedNoDetail(errorNumber: Int32)
    /// The peer does not speak our protocol, or speaks it without (or with) CURVE; one of ZMQ_PROTOCOL_ERROR_….
    /// A connecting socket then gives up for good; to try again, make a new one.
    case handshakeFailedProtocol(code: Int32)
    /// The peer was refused by the authenticator, or we were by the peer's; 400 from ours.
    /// A connecting socket then gives up for good; to try again, make a new one.
    case handshakeFailedAuth(status: Int32)
    /// An event that libzmq 4.3.4 does not have.
    case other(event: UInt16, value: Int32)
  }

  /// What happened.
  public let kind: Kind
  /// The endpoint of the socket's own side where it listens, of the other side where it connects.
  public let endpoint: String
}

/// The stream of events about a socket's connections.
///
/// Read it in every turn of the loop: events queue without a limit, because libzmq's I/O thread would stand still
/// at one. A descriptor is reused as soon as its connection ends. Since libzmq reports the end before it closes the
/// descriptor, whoever reads all events after receiving a message knows every end that came before that connection.
public struct Monitor: ~Copyable {
  let socket: Socket
  private let monitored: SocketHandle

  /// Which events a monitor tells of.
  public enum Scope: Sendable {
    case all
    /// The ends of established connections alone: no stranger can make many of them, while libzmq tells without a pause
    /// that it cannot accept when the process has no descriptors left.
    case ends

    var events: Int32 { self == .all ? ZMQ_EVENT_ALL : ZMQ_EVENT_DISCONNECTED }
  }

  /// Starts to watch a socket; do so before it binds or connects.
  ///
  /// - Throws: ``MessagingError`` `.system` when the context has no sockets left.
  public init(_ socket: borrowing Socket, _ scope: Scope = .all) throws(MessagingError) {
    let address = socket.handle.context.nextMonitorAddress()
    var options = SocketOptions()
    options.receiveHighWaterMark = 0
    let reader = try Socket(.pair, socket.handle.context, options)
    guard zmq_socket_monitor(socket.handle.pointer, address, scope.events) == 0 else {
      throw .system("Monitoring a socket")
    }
    do {
      try reader.connect(address)
    } catch {
      zmq_socket_monitor(socket.handle.pointer, nil, 0)
      throw error
    }
    self.socket = reader
    monitored = socket.handle
  }

  deinit {
    // First stop the sender: with its reader gone it would block the I/O thread.
    if let pointer = monitored.pointer { zmq_socket_monitor(pointer, nil, 0) }
  }

  /// Takes the next event, or `nil` when none waits.
  ///
  /// - Throws: ``MessagingError`` as ``Socket/receive()``.
  public borrowing func next() throws(MessagingError) -> MonitorEvent? {
    while let message = try socket.receive() {
      guard message.frames.count == 2, message.frames[0].count == 6 else { continue }
      let (event, value) = message.frames[0].withUnsafeBytes {
        ($0.loadUnaligned(as: UInt16.self), $0.loadUnaligned(fromByteOffset: 2, as: Int32.self))
      }
      if Int32(event) == ZMQ_EVENT_MONITOR_STOPPED { continue }
      return MonitorEvent(
        kind: Self.kind(event, value), endpoint: String(decoding: message.frames[1], as: UTF8.self))
    }
    return nil
  }

  private static func kind(_ event: UInt16, _ value: Int32) -> MonitorEvent.Kind {
    switch Int32(event) {
    case ZMQ_EVENT_CONNECTED: .connected(descriptor: value)
    case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed
    case ZMQ_EVENT_CONNECT_RETRIED: .connectRetried(milliseconds: value)
    case ZMQ_EVENT_LISTENING: .listening(descriptor: value)
    case ZMQ_EVENT_BIND_FAILED: .bindFailed(errorNumber: value)
    case ZMQ_EVENT_ACCEPTED: .accepted(descriptor: value)
    case ZMQ_EVENT_ACCEPT_FAILED: .acceptFailed(errorNumber: value)
    case ZMQ_EVENT_CLOSED: .closed(descriptor: value)
    case ZMQ_EVENT_CLOSE_FAILED: .closeFailed(errorNumber: value)
    case ZMQ_EVENT_DISCONNECTED: .disconnected(descriptor: value)
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailedNoDetail(errorNumber: value)
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .handshakeFailedProtocol(code: value)
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .handshakeFailedAuth(status: value)
    default: .other(event: event, value: value)
    }
  }
}

@available(*, unavailable)
extension Monitor: Sendable {}
