import Dispatch
import Glibc
import Store
import Synchronization

/// Tries every five seconds whether the store takes writes, on a queue of its own: a disk may take long to say no.
final class StoreProbe {
  private struct Finding {
    var lastSuccess = ContinuousClock.now
    var failure: String?
    var freeBytes = 0.0
  }

  /// What the queue has found, for any thread.
  private final class Notice: Sendable {
    let finding = Mutex(Finding())
  }

  /// A store that has not taken a write for so long does not work, whatever it will say.
  private static let patience = Duration.seconds(15)

  private let notice: Notice
  private let timer: any DispatchSourceTimer

  init(store: String) {
    let notice = Notice()
    self.notice = notice
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "store-probe"))
    timer.setEventHandler { Self.tryOut(store, notice) }
    timer.schedule(deadline: .now(), repeating: 5)
    timer.resume()
  }

  deinit { timer.cancel() }

  /// Why nothing can be stored now, if so.
  var obstacle: String? {
    notice.finding.withLock { finding in
      let silence = ContinuousClock.now - finding.lastSuccess
      return finding.failure
        ?? (silence > Self.patience ? "the store has not taken a write for \(silence.components.seconds) s" : nil)
    }
  }

  /// Bytes that the store's file system has left for this user.
  var freeBytes: Double { notice.finding.withLock { $0.freeBytes } }

  private static func tryOut(_ store: String, _ notice: Notice) {
    var failure: String?
    do throws(StoreError) {
      try DurableFile.write([UInt8](repeating: 0, count: 4096), to: "\(store)/.probe")
    } catch {
      failure = error.message
    }
    var system = statvfs()
    let isKnown = statvfs(store, &system) == 0
    notice.finding.withLock { finding in
      finding.failure = failure
      if failure == nil { finding.lastSuccess = .now }
      if isKnown { finding.freeBytes = Double(system.f_bavail) * Double(system.f_frsize) }
    }
  }
}
