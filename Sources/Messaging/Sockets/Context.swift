internal import CZeroMQ
internal import Synchronization

/// A ZeroMQ context: the I/O threads that all sockets of a process share.
///
/// Every socket retains its context, so the context ends after its last socket. Its end waits for what sockets still
/// have to send, at most for their ``SocketOptions/linger``, which is bounded: it cannot hang.
public final class Context: @unchecked Sendable {  // libzmq documents contexts, unlike sockets, as thread-safe.
  let pointer: UnsafeMutableRawPointer
  private let monitors = Atomic<Int>(0)

  /// Starts a context.
  ///
  /// - Parameters:
  ///   - ioThreads: threads that move bytes; one carries about 0.6 GB/s of encrypted traffic.
  ///   - socketsMax: the most sockets at one time. A peer's connection is not a socket.
  /// - Throws: ``MessagingError`` `.invalidOption` for counts that libzmq does not take, `.system` without resources.
  public init(ioThreads: Int = 1, socketsMax: Int = 1023) throws(MessagingError) {
    guard (1...64).contains(ioThreads), (1...65535).contains(socketsMax) else {
      throw MessagingError(.invalidOption, "A context takes 1 to 64 I/O threads and 1 to 65535 sockets.")
    }
    guard let pointer = zmq_ctx_new() else { throw .system("Creating a ZeroMQ context") }
    zmq_ctx_set(pointer, ZMQ_IO_THREADS, Int32(ioThreads))
    zmq_ctx_set(pointer, ZMQ_MAX_SOCKETS, Int32(socketsMax))
    self.pointer = pointer
  }

  deinit {
    while zmq_ctx_term(pointer) != 0 && zmq_errno() == EINTR {}
  }

  /// An inproc address that no other monitor of this context has.
  func nextMonitorAddress() -> String {
    "inproc://monitor-\(monitors.add(1, ordering: .relaxed).newValue)"
  }
}
