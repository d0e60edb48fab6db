import Foundation
import Scheduling

/// What happened, a line each: virtual time, who, what.
struct Trace {
  private(set) var lines: [String] = []

  mutating func add(_ now: Instant, _ who: String, _ text: String) {
    let seconds = String(format: "%12.6f", Double(now.nanoseconds) / 1e9)
    lines.append("\(seconds)  \(who.padding(toLength: 12, withPad: " ", startingAt: 0)) \(text)")
  }
}

extension Lease {
  var text: String { "\(task)@\(epoch)" }
}

extension Commit {
  var text: String { "\(lease.text) segment \(segment)\(isLast ? ", the last" : "")" }
}

extension [Lease] {
  var text: String { isEmpty ? "nothing" : map(\.text).joined(separator: " ") }
}

extension Event {
  /// How an event stands in a trace.
  var text: String {
    switch self {
    case .submitted(let job): "job \(job.id) with \(job.groups.map(\.count)) tasks"
    case .joined(let worker, let slots, _, let holding):
      "← \(worker) joins with \(slots) slots, holding \(holding.text)"
    case .heard(let worker): "← \(worker)"
    case .committed(let commit, let worker): "← \(worker) commits \(commit.text)"
    case .failed(let lease, let worker): "← \(worker) failed at \(lease.text)"
    case .handedBack(let leases, let worker): "← \(worker) hands back \(leases.text)"
    case .left(let worker): "\(worker) has left"
    case .cancelled(let job): "job \(job) is cancelled"
    case .tick: "tick"
    }
  }
}

extension SimulatedCatalogue.Change {
  /// How a change stands in a trace.
  var text: String {
    switch self {
    case .task(let task, let record): "\(task)@\(record.epoch) \(record.text)"
    case .commit(let report): "commit \(report.commit.text)"
    case .pause(let task, let pause): "\(task) paused in segment \(pause.segment)"
    case .outcome(let job, let outcome): "job \(job) \(outcome?.rawValue ?? "runs again")"
    case .finished(let job): "job \(job) published"
    }
  }
}

extension Job.Task {
  fileprivate var text: String {
    let counts = (failures > 0 ? ", failures \(failures)" : "") + (losses > 0 ? ", losses \(losses)" : "")
    return switch state {
    case .queued: "queued\(counts)"
    case .backingOff: "backing off\(counts)"
    case .leased(let worker): "on \(worker)\(counts)"
    case .completed: "completed\(counts)"
    case .failed: "given up\(counts)"
    }
  }
}
