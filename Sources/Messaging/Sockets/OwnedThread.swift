internal import CZeroMQ
internal import Glibc

/// An operating system thread that is joined at the end of its owner's life.
///
/// Sockets need a thread of their own: tasks of Swift's cooperative pool change threads, and must not block.
public struct OwnedThread: ~Copyable, Sendable {
  private final class Body {
    let name: String
    let run: () -> Void

    init(name: String, run: @escaping () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private let thread: pthread_t

  /// Starts a thread; `name` (the first 15 bytes) is what `top` and debuggers show.
  ///
  /// - Throws: ``MessagingError`` `.system` when the system has no threads left.
  public init(name: String, _ run: sending @escaping () -> Void) throws(MessagingError) {
    let body = Unmanaged.passRetained(Body(name: name, run: run))
    var thread = pthread_t()
    let status = pthread_create(&thread, nil, threadMain, body.toOpaque())
    guard status == 0 else {
      body.release()
      throw .system("Starting thread \(name)", status)
    }
    self.thread = thread
  }

  deinit { pthread_join(thread, nil) }

  fileprivate static func enter(_ pointer: UnsafeMutableRawPointer) {
    let body = Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue()
    _ = name_this_thread(body.name)
    body.run()
  }
}

private func threadMain(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let pointer { OwnedThread.enter(pointer) }
  return nil
}
