import Foundation
import Scheduling

/// How the scheduler's cost of an event grows with the cluster and with the queue: no faster than the logarithm.
enum Scale {
  private static let workerCounts = [100, 316, 1000, 3162, 10_000]
  private static let taskCounts = [10_000, 31_623, 100_000, 316_228, 1_000_000]

  static func measure(in folder: String) throws {
    let byWorkers = workerCounts.map { ($0, best(workers: $0, tasks: 200_000)) }
    report("workers", byWorkers, note: "100 to 10,000 workers, 200,000 tasks")
    let byTasks = taskCounts.map { ($0, best(workers: 1000, tasks: $0)) }
    report("tasks", byTasks, note: "10,000 to 1,000,000 tasks, 1,000 workers")
    measureMemory()
  }

  private static func report(_ of: String, _ costs: [(count: Int, seconds: Double)], note: String) {
    for (count, seconds) in costs {
      Figure(name: "scheduler, time of an event, \(count) \(of)", value: seconds * 1e9, unit: "ns").print()
    }
    guard let first = costs.first, let last = costs.last else { return }
    let exponent = slope(costs.map { (log(Double($0.count)), log($0.seconds)) })
    let logarithm = slope(costs.map { (log(Double($0.count)), log(log(Double($0.count)))) })
    Figure(
      name: "scheduler, exponent of the cost in \(of)", value: exponent, unit: "",
      note: "\(note); the logarithm's own is \(rounded(logarithm))"
    ).print()
    let growth = log(Double(last.count)) / log(Double(first.count))
    Figure(
      name: "scheduler, growth of the cost against the logarithm's, in \(of)",
      value: last.seconds / first.seconds / growth, unit: "", bar: .atMost(1),
      note:
        "costs \(rounded(last.seconds / first.seconds)) times as much, the logarithm grows to \(rounded(growth)) times"
    ).print()
  }

  /// Slope of the line through points that errs least in squares.
  private static func slope(_ points: [(x: Double, y: Double)]) -> Double {
    let count = Double(points.count)
    let (x, y) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    return points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
  }

  private static func best(workers: Int, tasks: Int) -> Double {
    (0..<3).map { _ in secondsPerEvent(workers: workers, tasks: tasks) }.min() ?? 0
  }

  /// Runs the last 100,000 events of a job of many tasks through a scheduler: of three, two are signs of life and one is the
  /// commit that ends a task and dispatches the next.
  private static func secondsPerEvent(workers: Int, tasks: Int) -> Double {
    var cluster = SchedulerLoad(workers: workers, tasks: tasks)
    cluster.complete(tasks * 3 / 4 - workers)
    let commits = min(33_333, tasks / 4 - workers)
    return elapsed { cluster.complete(commits) } / Double(3 * commits)
  }

  /// What a task that was dispatched once keeps in memory until its job ends.
  private static func measureMemory() {
    let tasks = 1_000_000
    let before = bytesInUse()
    var cluster = SchedulerLoad(workers: 10_000, tasks: tasks)
    let queued = bytesInUse() - before
    cluster.complete(tasks - 20_000)
    let started = bytesInUse() - before - queued
    Figure(
      name: "scheduler, memory of a task that has started", value: Double(started) / Double(tasks), unit: "bytes",
      note: "1,000,000 tasks, 10,000 workers; malloc's count of bytes in use"
    ).print()
    Figure(
      name: "scheduler, memory of a worker with its queued tasks", value: Double(queued) / 10_000, unit: "bytes"
    ).print()
    cluster.keepAlive()
  }

  private static func bytesInUse() -> Int {
    let information = mallinfo2()
    return Int(information.uordblks) + Int(information.hblkhd)
  }
}

/// A scheduler with many workers, all of them busy, and many tasks, without anything around it.
private struct SchedulerLoad {
  private var scheduler = Scheduler()
  private var dispatched: [(Lease, WorkerID)] = []
  private var next = 0
  private var now = Instant(nanoseconds: 0)

  init(workers: Int, tasks: Int) {
    let job = Job(id: JobID(rawValue: 1), groups: [Job.Group(count: tasks)])
    dispatched.reserveCapacity(tasks)
    _ = scheduler.handle(.submitted(job), at: now)
    for worker in 0..<workers {
      note(scheduler.handle(.joined(WorkerID(rawValue: "worker-\(worker)"), slots: 1, holding: []), at: now))
    }
  }

  /// Lets the tasks that were dispatched first end, one after the other.
  mutating func complete(_ count: Int) {
    for _ in 0..<count where next < dispatched.count {
      let (lease, worker) = dispatched[next]
      next += 1
      now.nanoseconds += 1000
      _ = scheduler.handle(.heard(worker), at: now)
      note(scheduler.handle(.committed(Commit(lease: lease, segment: 0, isLast: true), by: worker), at: now))
      note(scheduler.handle(.tick, at: now))
    }
  }

  private mutating func note(_ commands: [Scheduling.Command]) {
    for case .dispatch(let lease, _, let worker) in commands { dispatched.append((lease, worker)) }
  }

  func keepAlive() { withExtendedLifetime(scheduler) {} }
}
