internal import CZeroMQ
internal import Glibc

/// Wakes a thread that waits in a ``PollSet``, from any other thread (eventfd(2)).
public final class WakeUp: Sendable {
  /// Readable from a signal until the next drain.
  public let descriptor: Int32

  /// Makes one that is not signalled.
  ///
  /// - Throws: ``MessagingError`` `.system` when the process has no descriptors left.
  public init() throws(MessagingError) {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else { throw .system("Creating an eventfd", errno) }
  }

  deinit { close(descriptor) }

  /// Wakes the owner; signals before its next drain count as one.
  public func signal() { eventfd_write(descriptor, 1) }

  /// Takes all signals, and tells whether there was one.
  @discardableResult
  public func drain() -> Bool {
    var count: eventfd_t = 0
    return eventfd_read(descriptor, &count) == 0
  }
}
