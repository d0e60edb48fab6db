import Foundation

/// How soon work goes on after a crash.
enum Faults {
  /// Two workers get a task each. One ends at once and that worker is idle; the other worker is killed over its own.
  static func measureKilledWorker(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let observer = try ObservingWorker(cluster)
    defer { observer.stop() }
    let client = try cluster.client()
    let times = try (1...12).map { number in
      let victim = try cluster.startWorker("victim-\(number)")
      try client.waitForWorkers(2)
      let started = observer.starts.count
      try ProbeJob(name: "killed-\(number)", tasks: 2, seconds: 60).submit(to: client)
      try wait(upTo: 10) { try client.status(of: "killed-\(number)").summary.completed == 1 }
      let start = ContinuousClock.now
      cluster.kill(victim)
      try wait(upTo: 30) { observer.starts.count == started + 2 }
      return (observer.starts[started + 1] - start) / .seconds(1)
    }
    let sample = Sample(times)
    Figure(
      name: "kill -9 of a worker to its task running elsewhere", value: sample.median, unit: "s", bar: .atMost(0.05),
      note: "median of \(sample.count); longest \(rounded(sample.most)) s"
    ).print()
  }

  /// The coordinator is killed while a worker takes tasks of a long queue one by one, and started again.
  static func measureRestart(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let observer = try ObservingWorker(cluster, pause: 0.01)
    defer { observer.stop() }
    let client = try cluster.client()
    try client.waitForWorkers(1)
    try ProbeJob(name: "restart", tasks: 11_000).submit(to: client)
    let times = try (1...7).map { _ in try restart(cluster, observer) }
    let listening = Sample(times.map(\.listening))
    let dispatching = Sample(times.map(\.dispatching))
    Figure(
      name: "coordinator restart with 10,000 queued tasks, to listening", value: listening.median, unit: "s",
      bar: .atMost(1), note: "from the start of the process; median of 7, longest \(rounded(listening.most)) s"
    ).print()
    Figure(
      name: "coordinator restart with 10,000 queued tasks, to the next task's start", value: dispatching.median,
      unit: "s", bar: .atMost(1),
      note: "the worker's pause before it reconnects included; median of 7, longest \(rounded(dispatching.most)) s"
    ).print()
  }

  static func restart(
    _ cluster: Cluster, _ observer: ObservingWorker
  ) throws -> (listening: Double, dispatching: Double) {
    let count = observer.starts.count
    try wait(upTo: 10) { observer.starts.count > count + 5 }
    cluster.kill(cluster.coordinator)
    // What was dispatched before the crash has started by then.
    Thread.sleep(forTimeInterval: 0.05)
    let before = observer.starts.count
    let start = ContinuousClock.now
    try cluster.startCoordinator()
    try wait(upTo: 30, every: 0.0005) { cluster.isListening }
    let listening = ContinuousClock.now - start
    try wait(upTo: 30) { observer.starts.count > before }
    return (listening / .seconds(1), (observer.starts[before] - start) / .seconds(1))
  }
}
