/// Everything that is set on a socket before it binds or connects.
///
/// The defaults suit links between hosts. A peer can make a router hold `receiveHighWaterMark` messages of frames up to
/// `frameBytesMax` each: choose both so that their product, times the peers, fits into memory.
public struct SocketOptions: Sendable {
  /// How long unsent messages live on after a close. Bounded, or a process would never end.
  public var linger: Duration = .zero
  /// The most messages queued for a peer; beyond, a send would block.
  public var sendHighWaterMark: Int32 = 1000
  /// The most messages received from a peer and not yet read; beyond, TCP slows the peer down.
  public var receiveHighWaterMark: Int32 = 1000
  /// The longest frame, in bytes; a peer that sends a longer one is cut off.
  public var frameBytesMax: Int64 = 8 << 20
  /// The most frames of a received message; a longer one is dropped with an error.
  public var framesMax: Int = 1024

  /// A dealer's routing identity; `nil` lets the router invent one for each connection.
  public var routingID: [UInt8]?
  /// Routers report peers that are not there, rather than drop messages silently (ROUTER_MANDATORY).
  public var mandatory = true
  /// A new connection with a known routing identity replaces the old one (ROUTER_HANDOVER): without it a host
  /// that lost power and came back is never heard again.
  public var handover = true
  /// Queue only to peers that are connected, not to those still to be reached (IMMEDIATE).
  public var immediate = false

  /// How often ZeroMQ pings a silent peer; zero is never.
  public var heartbeatInterval: Duration = .seconds(5)
  /// Silence after which the connection is given up. Far longer than outages to ride out: what was queued is lost.
  public var heartbeatTimeout: Duration = .seconds(20)
  /// Silence after which the peer shall give up, up to a minute: libzmq 4.3.4 overflows beyond 65 s.
  public var heartbeatTimeToLive: Duration = .seconds(30)
  /// Silence before the first TCP keep-alive probe; whole seconds.
  public var keepAliveIdle: Duration = .seconds(15)
  /// Time between TCP keep-alive probes; whole seconds.
  public var keepAliveInterval: Duration = .seconds(5)
  /// Unanswered TCP keep-alive probes after which the connection is dead.
  public var keepAliveProbes: Int32 = 4
  /// How long sent bytes may stay unacknowledged before TCP gives up (TCP_MAXRT).
  public var retransmissionTimeout: Duration = .seconds(30)

  /// Pause before the first attempt to reconnect; libzmq adds jitter.
  public var reconnectInterval: Duration = .milliseconds(100)
  /// The pause doubles up to this one: well below a lease, so that peers are back before a restarted coordinator gives
  /// up on them.
  public var reconnectIntervalMax: Duration = .seconds(2)
  /// How long a TCP connect may take: the kernel alone would try for two minutes.
  public var connectTimeout: Duration = .seconds(3)
  /// How long a connection may take to say who it is, so that half-open ones go away.
  public var handshakeInterval: Duration = .seconds(5)

  /// Encryption and authentication.
  public var security: Security = .none

  /// The defaults.
  public init() {}

  /// Checks what libzmq would take and then misbehave on.
  ///
  /// - Throws: ``MessagingError`` `.invalidOption`, naming the option, its value and its range.
  public func validate() throws(MessagingError) {
    try check("linger", linger, .zero, .seconds(3600))
    try check("heartbeatInterval", heartbeatInterval, .zero, .seconds(60))
    try check("heartbeatTimeout", heartbeatTimeout, .milliseconds(1), .seconds(3600))
    try check("heartbeatTimeToLive", heartbeatTimeToLive, .zero, .seconds(60))
    try check("keepAliveIdle", keepAliveIdle, .seconds(1), .seconds(32767))
    try check("keepAliveInterval", keepAliveInterval, .seconds(1), .seconds(32767))
    try check("keepAliveProbes", keepAliveProbes, 1, 127)
    try check("retransmissionTimeout", retransmissionTimeout, .zero, .seconds(3600))
    try check("reconnectInterval", reconnectInterval, .milliseconds(1), .seconds(3600))
    try check("reconnectIntervalMax", reconnectIntervalMax, reconnectInterval, .seconds(3600))
    try check("connectTimeout", connectTimeout, .zero, .seconds(3600))
    try check("handshakeInterval", handshakeInterval, .zero, .seconds(3600))
    try check("sendHighWaterMark", sendHighWaterMark, 0, .max)
    try check("receiveHighWaterMark", receiveHighWaterMark, 0, .max)
    try check("frameBytesMax", frameBytesMax, 1024, 1 << 40)
    try check("framesMax", framesMax, 1, .max)
    try check("the length of routingID", routingID?.count ?? 1, 1, 255)
    if routingID?.first == 0 {
      throw MessagingError(.invalidOption, "routingID must not begin with a zero byte: those are the routers' own.")
    }
  }

  private func check<Value: Comparable>(
    _ name: String, _ value: Value, _ least: Value, _ most: Value
  ) throws(MessagingError) {
    guard value < least || value > most else { return }
    throw MessagingError(.invalidOption, "Socket option \(name) is \(value); it must be from \(least) to \(most).")
  }
}

/// Who may talk to a socket, and how it proves who it is (CurveZMQ, ZeroMQ RFC 26).
public enum Security: Sendable {
  /// Neither encrypted nor authenticated: for loopback and threads.
  case none
  /// The side with the known key. It takes only peers whom the authenticator allows.
  case server(SecretKey, Authenticator)
  /// The side that knows the server's public key and has a key pair of its own.
  case client(KeyPair, server: PublicKey)
}
