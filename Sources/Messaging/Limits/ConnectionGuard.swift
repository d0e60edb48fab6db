internal import Glibc
internal import Synchronization

/// Bounds what the peers of a listening socket can make this process hold.
///
/// libzmq bounds the number of messages and the size of a frame, but keeps the frames of a message that never ends without
/// any limit, counts messages rather than bytes, and cannot close one connection. So a thread compares, every 20 ms, what the
/// kernel says each TCP connection has brought and taken with what the socket's owner has received and sent, and cuts those
/// that hold too much. It does so too while the owner waits for a disk.
public final class ConnectionGuard: Sendable {
  /// How much is too much.
  public struct Limits: Sendable {
    /// Bytes of one connection that libzmq has read, and its owner has not got as a message.
    public var unreadBytesMax = 8 << 20
    /// Bytes that wait for one peer to take them, when another message is to be added.
    public var unsentBytesMax = 8 << 20
    /// Both, over all connections; beyond, the one that holds most is cut.
    public var totalBytesMax = 256 << 20
    /// Connections; beyond, the oldest one that has never brought a message is cut.
    public var connectionsMax = 4096

    public init() {}

    /// The defaults, with no more connections than this process may open descriptors for; it may open more from now on, if
    /// the system lets it.
    public static func ofThisProcess() -> Limits {
      var descriptors = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors)
      descriptors.rlim_cur = min(descriptors.rlim_max, max(descriptors.rlim_cur, 8192))
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors)
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors)
      var limits = Limits()
      limits.connectionsMax = min(limits.connectionsMax, Int(clamping: descriptors.rlim_cur / 2))
      return limits
    }
  }

  /// What the peers hold now, and how often one was cut.
  public struct Report: Hashable, Sendable {
    public internal(set) var connections = 0
    public internal(set) var heldBytes = 0
    public internal(set) var cuts = 0
    /// Why the last one was cut, in words.
    public internal(set) var lastReason = ""
  }

  private final class Book: Sendable {
    let ledger: Mutex<ConnectionLedger>

    init(_ ledger: ConnectionLedger) { self.ledger = Mutex(ledger) }
  }

  private static let period = Duration.milliseconds(20)
  private static let periodMax = Duration.milliseconds(200)

  private let book: Book
  private let stop: WakeUp
  private let thread: OwnedThread

  /// Starts to watch all connections to a port of this process.
  ///
  /// - Throws: ``MessagingError`` `.system`.
  public init(port: UInt16, limits: Limits = Limits()) throws(MessagingError) {
    let (book, stop) = (Book(ConnectionLedger(limits: limits)), try WakeUp())
    (self.book, self.stop) = (book, stop)
    thread = try OwnedThread(name: "guard") { Self.watch(port, book, stop) }
  }

  /// Ends the thread, which `thread` joins when it is released.
  deinit { stop.signal() }

  /// What the peers hold now; safe from any thread, as all calls are.
  public var report: Report { book.ledger.withLock { $0.report } }

  /// Notes whole messages that were received: so many bytes through each of these connections.
  public func heard(_ bytes: [Int32: Int]) {
    guard !bytes.isEmpty else { return }
    book.ledger.withLock { $0.heard(bytes) }
  }

  /// Notes a message that is about to be sent through a connection.
  ///
  /// - Returns: Whether it may be; a peer that takes nothing is cut instead.
  public func maySend(_ bytes: Int, through descriptor: Int32) -> Bool {
    book.ledger.withLock { $0.maySend(bytes, through: descriptor) }
  }

  private static func watch(_ port: UInt16, _ book: Book, _ stop: WakeUp) {
    var survey = ConnectionSurvey(port: port)
    var pollSet = PollSet()
    pollSet.add(descriptor: stop.descriptor)
    var pause = period
    while !stop.drain() {
      // Only a closed socket makes a wait fail, and there is none in the set.
      _ = try? pollSet.wait(atMost: pause)
      let start = ContinuousClock.now
      // The kernel is asked without the lock, for which the socket's owner may wait.
      let readings = survey.take()
      book.ledger.withLock { $0.update(readings) }
      // With thousands of connections less often, so that it takes a twentieth of a core.
      pause = min(max(period, (ContinuousClock.now - start) * 20), periodMax)
    }
  }
}
