import Foundation
import Glibc
import Messaging

/// A peer that speaks to a coordinator as it likes.
struct HostilePeer: ~Copyable {
  private let socket: Socket

  /// - Parameter security: The peer's keys, where the coordinator has some.
  /// - Parameter buffered: Messages it takes before it is asked to.
  init(_ endpoint: String, security: Security = .none, buffered: Int32 = 1000) throws {
    var options = SocketOptions()
    (options.security, options.receiveHighWaterMark) = (security, buffered)
    // Time to send what is queued, and no queue that would make a flood wait.
    (options.linger, options.sendHighWaterMark) = (.seconds(5), 100_000)
    let socket = try Socket(.dealer, try Context(), options)
    try socket.connect(endpoint)
    self.socket = socket
  }

  /// Sends frames as they are.
  func send(frames: [[UInt8]]) throws { _ = try socket.send(Message(frames)) }

  /// Sends a message of the protocol, whose body may be anything.
  func send(_ type: String, _ body: String, payload: [UInt8]? = nil) throws {
    let head = [Array(Envelope.version.utf8), Array(type.utf8), Array(body.utf8)]
    try send(frames: head + (payload.map { [$0] } ?? []))
  }

  /// Types of the messages that have come, and of all that come within a time.
  func types(within time: Duration) throws -> [String] {
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
  func next(_ types: String..., within limit: Duration = .seconds(20)) throws -> Envelope {
    try eventually("a message of type \(types)", within: limit) {
      while let message = try socket.receive() {
        let envelope = try Envelope(frames: message.frames)
        if types.contains(envelope.type) { return envelope }
      }
      return nil
    }
  }
}

/// Raw TCP connections to a coordinator, open as long as their owner lives.
final class RawConnections {
  private var descriptors: [Int32] = []

  /// Opens a connection and sends bytes.
  func open(port: UInt16, sending bytes: [UInt8] = []) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    descriptors.append(descriptor)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw TestError("cannot connect: \(String(cString: strerror(errno)))") }
    // The other side may hang up at any moment, which is its right.
    _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  /// All that comes through the last connection until the other side closes it.
  func readToEnd() -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    guard let descriptor = descriptors.last else { return "" }
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { bytes += buffer.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  deinit { for descriptor in descriptors { close(descriptor) } }
}
