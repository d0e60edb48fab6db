import Foundation
import Glibc
import TestSupport

/// Raw TCP connections to a coordinator, open as long as their owner lives.
public final class RawConnections {
  private var descriptors: [Int32] = []

  public init() {}

  /// Connections that the other side has not closed.
  public var count: Int { descriptors.count }

  /// Opens a connection and sends bytes.
  /// - Parameter host: The last parts of the address of loopback to come from: each has ports of its own.
  public func open(port: UInt16, sending bytes: [UInt8] = [], from host: Int = 1) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestError("no socket: \(String(cString: strerror(errno)))") }
    descriptors.append(descriptor)
    let own = Self.with(host: in_addr_t(INADDR_LOOPBACK) + in_addr_t(host - 1), port: 0) { bind(descriptor, $0, $1) }
    let result = Self.with(host: in_addr_t(INADDR_LOOPBACK), port: port) { connect(descriptor, $0, $1) }
    guard own == 0, result == 0 else { throw TestError("cannot connect: \(String(cString: strerror(errno)))") }
    // The other side may hang up at any moment, which is its right.
    _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  /// Gives up the connections that the other side has closed.
  public func dropClosed() {
    descriptors.removeAll { descriptor in
      var byte: UInt8 = 0
      var count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
      while count > 0 { count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) }
      let isOpen = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
      if !isOpen { close(descriptor) }
      return !isOpen
    }
  }

  /// All that comes through the last connection until the other side closes it.
  public func readToEnd() -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    guard let descriptor = descriptors.last else { return "" }
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { bytes += buffer.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  private static func with(
    host: in_addr_t, port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
