/// How long one task takes on its way there and back.
enum Latency {
  /// With one worker, one slot and nothing leased ahead, the coordinator sends a task only in the turn that made the commit
  /// of the one before durable, right after its acknowledgement. So the time between two starts on the worker is one whole
  /// round: dispatch, start, commit, fsync, acknowledgement.
  static func measure(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let worker = try ObservingWorker(cluster)
    defer { worker.stop() }
    let client = try cluster.client()
    try client.waitForWorkers(1)
    let tasks = 5000
    try ProbeJob(name: "latency", tasks: tasks).submit(to: client)
    try wait(upTo: 120, every: 0.1) { worker.starts.count == tasks }
    let starts = worker.starts
    let rounds = Sample(zip(starts, starts.dropFirst()).dropFirst(200).map { ($1 - $0) / .milliseconds(1) })
    let note = "time between starts on one worker with one slot, nothing leased ahead; \(rounds.count) rounds"
    Figure(
      name: "dispatch to durable, acknowledged commit, p50", value: rounds.median, unit: "ms", bar: .atMost(0.5),
      note: note
    ).print()
    Figure(
      name: "dispatch to durable, acknowledged commit, p99", value: rounds.quantile(0.99), unit: "ms", bar: .atMost(2),
      note: note
    ).print()
  }
}
