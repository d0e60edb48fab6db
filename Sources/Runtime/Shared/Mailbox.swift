import Messaging
import Synchronization

/// Values handed from any thread to the one that owns a loop, which is woken up for them.
final class Mailbox<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  private let wakeUp: WakeUp

  init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

  func post(_ value: Value) {
    let isFirst = values.withLock { values in
      values.append(value)
      return values.count == 1
    }
    if isFirst { wakeUp.signal() }
  }

  /// Takes all values, oldest first.
  func takeAll() -> [Value] {
    values.withLock { values in
      defer { values.removeAll(keepingCapacity: true) }
      return values
    }
  }
}

/// A request to end a loop, which may come from any thread or signal handler's queue.
public final class StopSignal: Sendable {
  let wakeUp: WakeUp
  private let requested = Atomic(false)

  /// - Throws: `MessagingError` when the process has no descriptors left.
  public init() throws(MessagingError) { wakeUp = try WakeUp() }

  /// Asks the loop to end.
  public func request() {
    requested.store(true, ordering: .releasing)
    wakeUp.signal()
  }

  /// Whether someone has asked.
  public var isRequested: Bool { requested.load(ordering: .acquiring) }
}
