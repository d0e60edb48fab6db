internal import Glibc

/// What the kernel knows about a TCP connection of this process.
struct TCPConnection {
  let descriptor: Int32
  /// Tells connections apart that had the same descriptor one after the other (SO_COOKIE).
  let cookie: UInt64

  enum Lookup {
    case connection(TCPConnection)
    /// A file, or another kind of socket.
    case other
    /// No such descriptor.
    case none
  }

  static func look(up descriptor: Int32) -> Lookup {
    var cookie: UInt64 = 0
    var length = socklen_t(MemoryLayout<UInt64>.size)
    guard getsockopt(descriptor, SOL_SOCKET, cookieOption, &cookie, &length) == 0 else {
      return errno == EBADF ? .none : .other
    }
    return .connection(TCPConnection(descriptor: descriptor, cookie: cookie))
  }

  /// The port of this side; `nil` if the socket is not of TCP.
  var localPort: UInt16? {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let found = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    // The port stands at the same place in addresses of both families.
    guard found == 0, [sa_family_t(AF_INET), sa_family_t(AF_INET6)].contains(address.sin6_family) else { return nil }
    return UInt16(bigEndian: address.sin6_port)
  }

  /// Bytes the process has read, and bytes the peer has acknowledged; `nil` for sockets that only listen.
  var progress: (read: UInt64, acknowledged: UInt64)? {
    var info = [UInt8](repeating: 0, count: 256)
    var length = socklen_t(info.count)
    var unread: Int32 = 0
    guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0, length >= 136,
      info[0] != Self.listening, ioctl(descriptor, UInt(FIONREAD), &unread) == 0
    else { return nil }
    // struct tcp_info of linux/tcp.h: tcpi_bytes_acked at 120, tcpi_bytes_received at 128.
    let (acknowledged, received) = info.withUnsafeBytes {
      ($0.loadUnaligned(fromByteOffset: 120, as: UInt64.self), $0.loadUnaligned(fromByteOffset: 128, as: UInt64.self))
    }
    return (received - min(received, UInt64(max(0, unread))), acknowledged)
  }

  /// Ends the connection in both directions; its owner sees the end of the stream.
  func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private static let cookieOption: Int32 = 57
  private static let listening: UInt8 = 10
}
