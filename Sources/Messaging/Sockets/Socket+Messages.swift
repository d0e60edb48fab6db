internal import CZeroMQ

/// What became of a message that was given to a socket.
public enum SendOutcome: Hashable, Sendable {
  /// Queued. Only an answer tells that it arrived.
  case sent
  /// The peer's queue is full, or there is no peer yet (EAGAIN). Nothing was queued; try again when writable.
  case wouldBlock
  /// No connection has this routing identity (EHOSTUNREACH). Nothing was queued; the peer is gone.
  case unreachable
}

extension Socket {
  /// Queues a whole message, or nothing of it.
  ///
  /// Each frame is copied once, into libzmq's own memory: a tenth of what encrypting it costs, and cheaper for small
  /// frames than handing over a retained array, which takes an allocation and a call back from the I/O thread.
  ///
  /// - Throws: ``MessagingError`` `.invalidMessage` without frames, `.closed`, `.system`.
  public borrowing func send(_ message: Message) throws(MessagingError) -> SendOutcome {
    guard !message.frames.isEmpty else {
      throw MessagingError(.invalidMessage, "A message needs at least one frame.")
    }
    if kind == .router {
      let outcome = try send(message.routingID, more: true)
      guard outcome == .sent else { return outcome }
    }
    let last = message.frames.count - 1
    for index in 0...last {
      // If a connection dies between frames, libzmq takes back those already written.
      let outcome = try send(message.frames[index], more: index < last)
      guard outcome == .sent else { return outcome }
    }
    return .sent
  }

  private borrowing func send(_ frame: [UInt8], more: Bool) throws(MessagingError) -> SendOutcome {
    let flags = more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
    let socket = handle.pointer
    while frame.withUnsafeBytes({ zmq_send(socket, $0.baseAddress, $0.count, flags) }) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case EHOSTUNREACH: return .unreachable
      case let number: throw .system("Sending a message", number)
      }
    }
    return .sent
  }

  /// Takes the next whole message, or `nil` when none waits. Each frame is copied once, out of libzmq's memory.
  ///
  /// - Throws: ``MessagingError`` `.invalidMessage` for more frames than ``SocketOptions/framesMax`` (the message is
  ///   gone, the socket goes on), `.closed`, `.system`.
  public borrowing func receive() throws(MessagingError) -> Message? {
    var part = zmq_msg_t()
    zmq_msg_init(&part)
    defer { zmq_msg_close(&part) }
    guard try receive(&part) else { return nil }

    var message = Message([])
    if kind == .router {
      message.routingID = Self.bytes(&part)
      guard zmq_msg_more(&part) != 0, try receive(&part) else { return message }
    }
    // Not from the routing frame: libzmq forgets its metadata when a poll came before.
    let descriptor = zmq_msg_get(&part, ZMQ_SRCFD)
    message.sourceDescriptor = descriptor >= 0 ? descriptor : nil
    message.userID = zmq_msg_gets(&part, "User-Id").map { String(cString: $0) }
    message.frames = try receiveFrames(&part, of: message)
    return message
  }

  private borrowing func receiveFrames(
    _ part: inout zmq_msg_t, of message: Message
  ) throws(MessagingError) -> [[UInt8]] {
    var frames = [Self.bytes(&part)]
    var count = 1
    while zmq_msg_more(&part) != 0, try receive(&part) {
      count += 1
      if count <= framesMax { frames.append(Self.bytes(&part)) }
    }
    guard count <= framesMax else {
      throw MessagingError(
        .invalidMessage, "A message of \(count) frames was dropped: at most \(framesMax) are taken.",
        cause: DroppedMessage(routingID: message.routingID, sourceDescriptor: message.sourceDescriptor))
    }
    return frames
  }

  private borrowing func receive(_ part: inout zmq_msg_t) throws(MessagingError) -> Bool {
    while zmq_msg_recv(&part, handle.pointer, ZMQ_DONTWAIT) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return false
      case let number: throw .system("Receiving a message", number)
      }
    }
    return true
  }

  private static func bytes(_ part: inout zmq_msg_t) -> [UInt8] {
    withUnsafeMutablePointer(to: &part) { part in
      [UInt8](UnsafeRawBufferPointer(start: zmq_msg_data(part), count: zmq_msg_size(part)))
    }
  }
}
