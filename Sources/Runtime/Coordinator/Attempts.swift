import Foundation
import Scheduling
import Store

/// An attempt at a task that ended badly: the workload failed, or its worker was lost.
struct Attempt: Sendable {
  let lease: Lease
  let worker: WorkerID
  /// What happened, and what was last heard of the task.
  let reason: String
  var time = Date()
}

extension Coordinator {
  /// Notes why an attempt ended, to be made durable with what follows from it.
  func note(_ lease: Lease, _ worker: WorkerID, endedBecause reason: String) {
    guard jobs[lease.task.job] != nil else { return }
    var reason = String(reason.prefix(4096))
    if let last = progress.removeValue(forKey: lease) {
      reason += " (last heard: \(last.phase), \(last.done) of \(last.total))"
    }
    turn.add(.attempt(Attempt(lease: lease, worker: worker, reason: reason)))
  }

  /// Sets aside a task that has failed for good: its job goes on with the others, and the log says what was tried.
  func quarantine(_ task: TaskID) throws(StoreError) {
    guard let job = jobs[task.job] else { return }
    let name = "\(job.plan.groups[task.group].name)-\(task.index)"
    let attempts = try catalogue.attempts(at: task)
    logger.warning(
      "task set aside", metadata: ["job": "\(job.name)", "task": "\(name)", "attempts": "\(attempts.count)"])
    publisher.write(QuarantineLog.text(of: attempts), as: "run/quarantine/\(name).log", of: job.name)
  }
}

/// What was tried with a task that was set aside, an attempt a line.
enum QuarantineLog {
  static func text(of attempts: [Attempt]) -> String {
    attempts.map { attempt in
      let reason = attempt.reason.split(whereSeparator: \.isNewline).joined(separator: "\n    ")
      return "\(attempt.time.formatted(.iso8601))  attempt \(attempt.lease.epoch)  \(attempt.worker)  \(reason)\n"
    }.joined()
  }
}
