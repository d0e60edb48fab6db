import Glibc

/// How much goes through a coordinator and two workers, durably and encrypted.
enum Throughput {
  /// Tasks that do nothing: what one costs from its dispatch to its durable commit.
  static func measureTasks(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let workers = try (1...2).map { try cluster.startWorker("worker-\($0)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    _ = try ProbeJob(name: "warm-up", tasks: 2000, leaseAhead: 32).run(on: client)
    let before = (cluster.coordinator.processorSeconds, workers.reduce(0) { $0 + $1.processorSeconds })
    let tasks = 20_000
    let times = try (1...3).map { try ProbeJob(name: "tasks-\($0)", tasks: tasks, leaseAhead: 32).run(on: client) }
    let perTask = 1e6 / Double(3 * tasks)
    let coordinator = (cluster.coordinator.processorSeconds - before.0) * perTask
    let computing = (workers.reduce(0) { $0 + $1.processorSeconds } - before.1) * perTask
    Figure(
      name: "no-op tasks, 2 workers", value: Double(tasks) / Sample(times).median, unit: "tasks/s",
      bar: .atLeast(10_000),
      note: "median of 3 x \(tasks), submission included, 32 leased ahead"
    ).print()
    Figure(name: "processor time per no-op task, coordinator", value: coordinator, unit: "µs").print()
    Figure(name: "processor time per no-op task, both workers", value: computing, unit: "µs").print()
  }

  /// Results of 1 MiB, each fsynced as a blob, hashed, committed and given its name.
  static func measureBytes(in folder: String) throws {
    try measureBytes("shared folder", in: folder) { try $0.startWorker($1) }
    // A mount namespace hides the store from a worker, and needs root.
    if geteuid() == 0 { try measureBytes("streamed through CURVE", in: folder) { try $0.startWorkerWithoutStore($1) } }
  }

  private static func measureBytes(
    _ way: String, in folder: String, startWorker: (Cluster, String) throws -> Void
  ) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    for number in 1...2 { try startWorker(cluster, "worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    _ = try ProbeJob(name: "warm-up", tasks: 20, bytes: 1 << 20, leaseAhead: 4).run(on: client)
    let tasks = 200
    let times = try (1...3).map {
      try ProbeJob(name: "bytes-\($0)", tasks: tasks, bytes: 1 << 20, leaseAhead: 4, seed: $0).run(on: client)
    }
    Figure(
      name: "committed results of 1 MiB, \(way)", value: Double(tasks << 20) / 1e6 / Sample(times).median,
      unit: "MB/s", bar: .atLeast(150), note: "median of 3 x \(tasks), 2 workers, fsynced and hashed"
    ).print()
  }
}
