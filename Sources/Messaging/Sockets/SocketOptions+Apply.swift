internal import CZeroMQ

extension SocketOptions {
  /// What CURVE adds to a frame: command name 8, nonce 8, flags 1 and authenticator 16 bytes (RFC 26).
  private static let curveFrameBytes: Int64 = 33

  /// Sets all options on a new socket.
  func apply(to handle: SocketHandle, _ kind: Socket.Kind) throws(MessagingError) {
    try validate()
    for (option, value) in integers { try handle.set(option, value) }
    if kind == .router {
      try handle.set(ZMQ_ROUTER_MANDATORY, Int32(mandatory ? 1 : 0))
      try handle.set(ZMQ_ROUTER_HANDOVER, Int32(handover ? 1 : 0))
    }
    if let routingID { try handle.set(ZMQ_ROUTING_ID, routingID) }
    if case .none = security {
      try handle.set(ZMQ_MAXMSGSIZE, frameBytesMax)
    } else {
      try handle.set(ZMQ_MAXMSGSIZE, frameBytesMax + Self.curveFrameBytes)
    }
    try applySecurity(to: handle)
  }

  private var integers: [(Int32, Int32)] {
    [
      (ZMQ_LINGER, linger.milliseconds),
      (ZMQ_SNDHWM, sendHighWaterMark),
      (ZMQ_RCVHWM, receiveHighWaterMark),
      (ZMQ_IMMEDIATE, immediate ? 1 : 0),
      (ZMQ_HEARTBEAT_IVL, heartbeatInterval.milliseconds),
      (ZMQ_HEARTBEAT_TIMEOUT, heartbeatTimeout.milliseconds),
      (ZMQ_HEARTBEAT_TTL, heartbeatTimeToLive.milliseconds),
      (ZMQ_TCP_KEEPALIVE, 1),
      (ZMQ_TCP_KEEPALIVE_IDLE, keepAliveIdle.milliseconds / 1000),
      (ZMQ_TCP_KEEPALIVE_INTVL, keepAliveInterval.milliseconds / 1000),
      (ZMQ_TCP_KEEPALIVE_CNT, keepAliveProbes),
      (ZMQ_TCP_MAXRT, retransmissionTimeout.milliseconds),
      (ZMQ_RECONNECT_IVL, reconnectInterval.milliseconds),
      (ZMQ_RECONNECT_IVL_MAX, reconnectIntervalMax.milliseconds),
      (ZMQ_CONNECT_TIMEOUT, connectTimeout.milliseconds),
      (ZMQ_HANDSHAKE_IVL, handshakeInterval.milliseconds),
    ]
  }

  private func applySecurity(to handle: SocketHandle) throws(MessagingError) {
    switch security {
    case .none:
      return
    case .server(let secretKey, let authenticator):
      // libzmq takes everyone when a context has no authenticator, so another context's would be a hole.
      guard authenticator.context === handle.context else {
        throw MessagingError(.invalidOption, "A CURVE server and its authenticator must share one Context.")
      }
      try handle.set(ZMQ_CURVE_SERVER, Int32(1))
      try handle.set(ZMQ_CURVE_SECRETKEY, secretKey.bytes)
      try handle.set(ZMQ_ZAP_DOMAIN, Array(Authenticator.domain.utf8))
    case .client(let keys, let server):
      try handle.set(ZMQ_CURVE_SERVERKEY, server.bytes)
      try handle.set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes)
      try handle.set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
    }
  }
}

extension Duration {
  /// Whole milliseconds, clamped to what libzmq takes.
  var milliseconds: Int32 {
    let (seconds, attoseconds) = components
    return Int32(
      clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue + attoseconds / 1_000_000_000_000_000)
  }
}
