/// A whole multipart message.
public struct Message: Sendable {
  /// At a router: which connection the message came from or goes to. Empty at all other sockets.
  public var routingID: [UInt8]
  /// The frames, in order, without the routing identity. At least one.
  public var frames: [[UInt8]]
  /// The descriptor of the TCP connection that a received message came through, as monitor events name it.
  public internal(set) var sourceDescriptor: Int32?
  /// The sender's public key in Z85 as the authenticator confirmed it; `nil` without CURVE.
  public internal(set) var userID: String?

  /// Bytes of all frames.
  public var byteCount: Int { frames.reduce(0) { $0 + $1.count } }

  /// Makes a message to send.
  public init(_ frames: [[UInt8]], to routingID: [UInt8] = []) {
    self.routingID = routingID
    self.frames = frames
  }
}

/// What is known of a message that was dropped, as the cause of the error that says why.
public struct DroppedMessage: Error {
  /// At a router: which connection it came from.
  public let routingID: [UInt8]
  /// The descriptor of that connection.
  public let sourceDescriptor: Int32?
}
