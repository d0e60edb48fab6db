internal import Formats

/// Where a socket binds or connects: `tcp://host:port`, or `inproc://name` between threads of one process.
///
/// There is no `ipc://`: libzmq 4.3.4 does not ask the authenticator there, and nobody should find a side door.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// The part that depends on how bytes travel.
  public enum Transport: Hashable, Sendable {
    /// A host name, address or `*` (every address of this host), and a port; `nil` lets the system choose one.
    case tcp(host: String, port: UInt16?)
    /// A name inside the process.
    case inproc(name: String)
  }

  /// Transport, host and port.
  public let transport: Transport

  /// Parses `tcp://host:port` or `inproc://name`; IPv6 addresses stand in brackets, `tcp://[::1]:5555`.
  ///
  /// - Throws: ``MessagingError`` `.invalidEndpoint`, saying which part is wrong and what it should look like.
  public init(_ text: String) throws(MessagingError) {
    if text.hasPrefix("tcp://") {
      transport = try Self.tcp(text.dropFirst(6), in: text)
    } else if text.hasPrefix("inproc://"), text.utf8.count > 9 {
      transport = .inproc(name: String(text.dropFirst(9)))
    } else {
      throw Self.invalid(text, "it must begin with tcp://")
    }
  }

  private static func tcp(_ address: Substring, in text: String) throws(MessagingError) -> Transport {
    guard let colon = address.lastIndex(of: ":") else { throw invalid(text, "the port is missing") }
    let portText = address[address.index(after: colon)...]
    let digits = portText.utf8.allSatisfy { (48...57).contains($0) }
    let port = digits ? UInt16(portText) : nil
    guard portText == "*" || port != nil else { throw invalid(text, "the port must be 1 to 65535, or *") }
    return .tcp(host: try host(address[..<colon], in: text), port: port == 0 ? nil : port)
  }

  private static func host(_ host: Substring, in text: String) throws(MessagingError) -> String {
    guard !host.isEmpty else { throw invalid(text, "the host is missing") }
    if host.count > 2, host.first == "[", host.last == "]", host.dropFirst().dropLast().utf8.allSatisfy(isIPv6) {
      return String(host.dropFirst().dropLast())
    }
    if host.contains(":") || host.contains("[") {
      throw invalid(text, "an IPv6 address must stand in brackets, tcp://[::1]:5555")
    }
    guard host == "*" || host.utf8.allSatisfy(isName) else { throw invalid(text, "the host has a wrong character") }
    return String(host)
  }

  private static func isIPv6(_ byte: UInt8) -> Bool { isName(byte) || byte == UInt8(ascii: ":") }

  private static func isName(_ byte: UInt8) -> Bool {
    let lowercased = byte | 0x20
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || ".-_%".utf8.contains(byte)
  }

  private static func invalid(_ text: String, _ why: String) -> MessagingError {
    MessagingError(
      .invalidEndpoint, "\(shown(text)) is not an endpoint: \(why). Write for example tcp://127.0.0.1:5555.")
  }

  /// Whether only this host can reach the endpoint: `localhost`, 127.x.x.x, `::1` and every `inproc` name.
  public var isLoopback: Bool {
    guard case .tcp(let host, _) = transport else { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    return host == "localhost" || host == "::1" || (isIPv4 && parts[0] == "127")
  }

  /// The endpoint as it is written.
  public var description: String { text(host: { $0 }) }

  /// What libzmq binds: it resolves no names there, so `localhost` becomes an address.
  var bindText: String { text(host: { $0 == "localhost" ? "127.0.0.1" : $0 }) }

  /// Whether the socket needs IPv6 switched on; off otherwise, for a name would then prefer an IPv6 address.
  var isIPv6: Bool {
    if case .tcp(let host, _) = transport { host.contains(":") } else { false }
  }

  private func text(host change: (String) -> String) -> String {
    switch transport {
    case .inproc(let name): return "inproc://\(name)"
    case .tcp(let host, let port):
      let name = change(host)
      return "tcp://\(name.contains(":") ? "[\(name)]" : name):\(port.map(String.init) ?? "*")"
    }
  }
}
