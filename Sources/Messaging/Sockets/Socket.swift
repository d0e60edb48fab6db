internal import CZeroMQ
internal import Glibc

/// A ZeroMQ socket with exactly one owner.
///
/// libzmq sockets are not thread-safe. This one cannot be copied and is not `Sendable`, so the compiler keeps it with the
/// thread that owns it. It closes at the end of its life. No call blocks: wait with a ``PollSet``.
public struct Socket: ~Copyable {
  /// The messaging pattern that a socket takes part in.
  public enum Kind: Sendable {
    /// Many peers, each addressed by its routing identity.
    case router
    /// The asynchronous client of a router.
    case dealer
    /// Exactly one peer, of the same kind.
    case pair
    /// Asks, then waits for the answer, in turn.
    case request
    /// Waits for a question, then answers, in turn.
    case reply

    var type: Int32 {
      switch self {
      case .router: ZMQ_ROUTER
      case .dealer: ZMQ_DEALER
      case .pair: ZMQ_PAIR
      case .request: ZMQ_REQ
      case .reply: ZMQ_REP
      }
    }
  }

  let handle: SocketHandle
  let framesMax: Int
  /// The messaging pattern.
  public let kind: Kind

  /// Makes a socket and sets all its options.
  ///
  /// - Throws: ``MessagingError`` `.invalidOption`, or `.system` when the context has no sockets left.
  public init(_ kind: Kind, _ context: Context, _ options: SocketOptions = SocketOptions()) throws(MessagingError) {
    let handle = try SocketHandle(context, type: kind.type, security: options.security)
    try options.apply(to: handle, kind)
    self.handle = handle
    framesMax = options.framesMax
    self.kind = kind
  }

  deinit { handle.close() }

  /// Listens on an endpoint; port 0 or `*` takes a free one, which ``lastEndpoint`` then tells.
  ///
  /// - Throws: ``MessagingError`` `.invalidEndpoint`, `.addressInUse`, `.addressNotAvailable`, `.permissionDenied`.
  public borrowing func bind(_ endpoint: String) throws(MessagingError) {
    let parsed = try Endpoint(endpoint)
    try handle.set(ZMQ_IPV6, Int32(parsed.isIPv6 ? 1 : 0))
    guard zmq_bind(handle.pointer, parsed.bindText) != 0 else { return }
    throw Self.bindError(parsed, zmq_errno())
  }

  /// Connects to an endpoint in the background, again and again; the ``Monitor`` tells how that goes.
  ///
  /// - Throws: ``MessagingError`` `.invalidEndpoint`; a host that is not there is not an error.
  public borrowing func connect(_ endpoint: String) throws(MessagingError) {
    let parsed = try Endpoint(endpoint)
    if case .tcp(let host, let port) = parsed.transport, host == "*" || port == nil {
      throw MessagingError(.invalidEndpoint, "Cannot connect to \(parsed): name a host and a port, not *.")
    }
    try handle.set(ZMQ_IPV6, Int32(parsed.isIPv6 ? 1 : 0))
    guard zmq_connect(handle.pointer, parsed.description) != 0 else { return }
    let number = zmq_errno()
    guard number == EINVAL || number == ENODEV else { throw .system("Connecting to \(parsed)", number) }
    throw MessagingError(
      .invalidEndpoint, "Cannot connect to \(parsed): the host is neither an address nor a name.", errorNumber: number)
  }

  /// Closes one connection of a socket that has many, which libzmq has no call for: its I/O thread sees the end of the
  /// stream, frees all it holds for the peer, and the monitor reports `disconnected`.
  ///
  /// - Parameter descriptor: As a message or an event names it. The caller reads all monitor events before, so that it is
  ///   no descriptor of a connection that has ended. Should it end at this very moment, another one may be closed in its
  ///   place, which its peer heals by connecting again.
  public borrowing func cut(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// The endpoint last bound or connected, with the port that the system chose.
  ///
  /// - Throws: ``MessagingError`` `.system`.
  public var lastEndpoint: String {
    get throws(MessagingError) {
      var text = [UInt8](repeating: 0, count: 512)
      var length = text.count
      guard zmq_getsockopt(handle.pointer, ZMQ_LAST_ENDPOINT, &text, &length) == 0 else {
        throw .system("Reading a socket's endpoint")
      }
      return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private static func bindError(_ endpoint: Endpoint, _ number: Int32) -> MessagingError {
    let (code, advice): (MessagingError.Code, String) =
      switch number {
      case EADDRINUSE:
        (.addressInUse, "another process already listens there. Stop it, or choose another port")
      case EADDRNOTAVAIL, ENODEV:
        (.addressNotAvailable, "this host has no such address. Use one of its own, or * for all of them")
      case EACCES, EPERM:
        (.permissionDenied, "this user may not. Choose a port above 1023")
      case EINVAL:
        (.invalidEndpoint, "libzmq does not understand it. Write for example tcp://127.0.0.1:5555")
      default:
        (.system, MessagingError.text(number))
      }
    return MessagingError(code, "Cannot listen on \(endpoint): \(advice).", errorNumber: number)
  }
}

@available(*, unavailable)
extension Socket: Sendable {}
