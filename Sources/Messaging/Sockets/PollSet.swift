internal import CZeroMQ

/// Sockets and file descriptors that one thread waits on together.
///
/// A socket that was closed meanwhile is found out by ``wait(atMost:)``, which throws `.closed`; a descriptor must stay
/// open as long as the set is waited on. A set stays with the thread that owns its sockets.
public struct PollSet {
  /// What an entry waits for, or is ready for.
  public struct Readiness: OptionSet, Sendable {
    /// The bits of `poll(2)`.
    public let rawValue: Int16
    /// Makes a set from its bits.
    public init(rawValue: Int16) { self.rawValue = rawValue }
    /// A message or byte can be received.
    public static let readable = Readiness(rawValue: Int16(ZMQ_POLLIN))
    /// A message or byte can be sent.
    public static let writable = Readiness(rawValue: Int16(ZMQ_POLLOUT))
    /// A descriptor is broken; never set for sockets.
    public static let failed = Readiness(rawValue: Int16(ZMQ_POLLERR))
  }

  private var items: [zmq_pollitem_t] = []
  private var handles: [SocketHandle?] = []

  /// An empty set.
  public init() {}

  /// Adds a socket and returns its index, for ``subscript(_:)`` and ``watch(_:for:)``.
  @discardableResult
  public mutating func add(_ socket: borrowing Socket, for readiness: Readiness = .readable) -> Int {
    items.append(zmq_pollitem_t(socket: socket.handle.pointer, fd: -1, events: readiness.rawValue, revents: 0))
    handles.append(socket.handle)
    return items.count - 1
  }

  /// Adds a monitor and returns its index.
  @discardableResult
  public mutating func add(_ monitor: borrowing Monitor) -> Int { add(monitor.socket) }

  /// Adds a file descriptor, for example ``WakeUp/descriptor``, and returns its index.
  @discardableResult
  public mutating func add(descriptor: Int32, for readiness: Readiness = .readable) -> Int {
    items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: readiness.rawValue, revents: 0))
    handles.append(nil)
    return items.count - 1
  }

  /// Changes what an entry waits for; an empty set lets it rest.
  public mutating func watch(_ index: Int, for readiness: Readiness) { items[index].events = readiness.rawValue }

  /// What an entry was ready for when the last wait returned.
  public subscript(_ index: Int) -> Readiness { Readiness(rawValue: items[index].revents) }

  /// Waits until an entry is ready, a signal arrives or the time is over; `nil` has no end.
  ///
  /// - Returns: how many entries are ready; 0 after a timeout or a signal.
  /// - Throws: ``MessagingError`` `.closed` when a socket of the set is gone, `.system`.
  @discardableResult
  public mutating func wait(atMost timeout: Duration?) throws(MessagingError) -> Int {
    for handle in handles where handle != nil && handle?.pointer == nil {
      throw MessagingError(.closed, "A socket was closed while its poll set still waits on it.")
    }
    let ready = zmq_poll(&items, Int32(items.count), timeout.map { Int($0.milliseconds) } ?? -1)
    if ready >= 0 { return Int(ready) }
    guard zmq_errno() == EINTR else { throw .system("Waiting on sockets") }
    for index in items.indices { items[index].revents = 0 }
    return 0
  }
}

@available(*, unavailable)
extension PollSet: Sendable {}
