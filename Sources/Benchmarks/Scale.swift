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
    try measureMemory()
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
  private static func measureMemory() throws {
    let (tasks, workers) = (1_000_000, 10_000)
    let before = try residentBytes()
    var cluster = SchedulerLoad(workers: workers, tasks: tasks)
    let queued = try residentBytes()
    cluster.complete(tasks - 2 * workers)
    let started = try residentBytes()
    // The scheduler must still be there.
    cluster.complete(workers)
    Figure(
      name: "scheduler, memory of a worker and of tasks that wait", value: (queued - before) / Double(workers),
      unit: "B",
      note: "resident memory by worker, \(workers) workers, \(tasks) tasks"
    ).print()
    Figure(
      name: "scheduler, memory of a task that has started", value: (started - queued) / Double(tasks), unit: "B",
      bar: .atMost(300), note: "resident memory, until the job ends"
    ).print()
  }

  private static func residentBytes() throws -> Double {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ").dropFirst().first
    return Double(pages ?? "0").map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) } ?? 0
  }
}

/// A scheduler with many workers, all of them busy, and many tasks, without anything around it.
private struct SchedulerLoad {
  private var scheduler = Scheduler()
  private let workers: [WorkerID]
  private var leases: [Lease] = []
  private var next = 0
  private var now = Instant(nanoseconds: 0)

  init(workers count: Int, tasks: Int) {
    workers = (0..<count).map { WorkerID(rawValue: "worker-\($0)") }
    _ = scheduler.handle(.submitted(Job(id: JobID(rawValue: 1), groups: [Job.Group(count: tasks)])), at: now)
    for worker in workers {
      leases += Self.dispatched(scheduler.handle(.joined(worker, slots: 1, holding: []), at: now))
    }
  }

  /// Lets the workers end a task each, one after the other; each is given the next one, being the only one without.
  mutating func complete(_ count: Int) {
    for _ in 0..<count {
      let worker = next % workers.count
      next += 1
      now.nanoseconds += 1000
      _ = scheduler.handle(.heard(workers[worker]), at: now)
      let commit = Commit(lease: leases[worker], segment: 0, isLast: true)
      if let lease = Self.dispatched(scheduler.handle(.committed(commit, by: workers[worker]), at: now)).first {
        leases[worker] = lease
      }
      _ = scheduler.handle(.tick, at: now)
    }
  }

  // Static: a method would borrow a copy of the scheduler while it is changed, and every change would copy all records.
  private static func dispatched(_ commands: [Scheduling.Command]) -> [Lease] {
    commands.compactMap { if case .dispatch(let lease, _, _) = $0 { lease } else { nil } }
  }
}
