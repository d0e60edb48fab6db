import Glibc
import Synchronization

/// What a process shows of itself to whoever watches over it.
///
/// The thread that does the work hands in a finished value from time to time, and never waits for a reader.
public final class Vitals: Sendable {
  private struct State {
    var metrics: [Metric] = []
    var obstacle: String? = "starting"
    var turn = ContinuousClock.now
  }

  private let patience: Duration
  private let state = Mutex(State())
  /// Seconds since 1970.
  private let start: Double = {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }()

  /// - Parameter patience: A loop that has not turned for so long is stuck.
  public init(patience: Duration = .seconds(10)) { self.patience = patience }

  /// Notes that the process's loop turns.
  public func turn() { state.withLock { $0.turn = .now } }

  /// Replaces what is shown.
  /// - Parameter obstacle: Why the process cannot do its work now, if it cannot.
  public func publish(_ metrics: [Metric], obstacle: String?) {
    state.withLock { state in
      state.metrics = metrics
      state.obstacle = obstacle
    }
  }

  /// Why the process should be started again, if it should.
  var illness: String? {
    let silence = state.withLock { ContinuousClock.now - $0.turn }
    return silence > patience ? "the main loop has not turned for \(silence.components.seconds) s" : nil
  }

  /// Why no work should be sent to the process, if none should.
  var obstacle: String? { illness ?? state.withLock { $0.obstacle } }

  /// All figures, for Prometheus.
  var page: String {
    let metrics = state.withLock { $0.metrics }
    return metrics.map { $0.text(prefix: "tributary_") }.joined()
      + processMetrics.map { $0.text(prefix: "process_") }.joined()
  }

  /// The figures that Prometheus's own libraries give of every process.
  private var processMetrics: [Metric] {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    return [
      .counter("cpu_seconds_total", "Processor time used, in seconds.", seconds),
      .gauge("resident_memory_bytes", "Memory in use.", Double(Self.residentBytes)),
      .gauge("start_time_seconds", "When the process started, in seconds since 1970.", start),
    ]
  }

  private static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }
}
