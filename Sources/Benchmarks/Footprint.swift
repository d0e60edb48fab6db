import Foundation

/// What a cluster costs that does nothing yet.
enum Footprint {
  /// Growth of the coordinator's resident memory by tasks that wait.
  static func measureQueue(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let client = try cluster.client()
    // A first job brings in what is needed once.
    try ProbeJob(name: "first", tasks: 1).submit(to: client)
    let bar = Figure.Bar.atMost(300)
    let together = try growth(of: cluster) { try ProbeJob(name: "queue", tasks: 100_000).submit(to: client) }
    Figure(
      name: "coordinator's memory per queued task, 100,000 in one job", value: together / 100_000, unit: "B", bar: bar,
      note: "resident memory; a group is kept once, and a task has a record from its first dispatch on"
    ).print()
    let jobs = 2000
    let apart = try growth(of: cluster) {
      for number in 0..<jobs { try ProbeJob(name: "job-\(number)").submit(to: client) }
    }
    Figure(
      name: "coordinator's memory per queued job of one task", value: apart / Double(jobs), unit: "B",
      note: "resident memory, \(jobs) jobs"
    ).print()
  }

  private static func growth(of cluster: Cluster, _ work: () throws -> Void) throws -> Double {
    let before = cluster.coordinator.kilobytes("VmRSS")
    try work()
    return (cluster.coordinator.kilobytes("VmRSS") - before) * 1024
  }

  /// `tributary run` of one task: coordinator, workers, submission, result.
  static func measureStart(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let job = ProbeJob(name: "start", bytes: 1)
    let path = "\(folder)/start.yaml"
    try Data(job.yaml.utf8).write(to: URL(fileURLWithPath: path))
    let times = try (1...7).map { number in
      let store = "\(folder)/run-\(number)"
      let start = ContinuousClock.now
      let process = try cluster.start("tributary", ["run", path, "--store", store])
      try wait(upTo: 60) { FileManager.default.fileExists(atPath: "\(store)/jobs/start/samples/0-0.bin") }
      let result = ContinuousClock.now - start
      process.waitUntilExit()
      return (result: result / .seconds(1), exit: (ContinuousClock.now - start) / .seconds(1))
    }
    let (results, exits) = (Sample(times.map(\.result)), Sample(times.map(\.exit)))
    Figure(
      name: "start of tributary run to the first result", value: results.median, unit: "s", bar: .atMost(0.3),
      note: "median of 7, longest \(rounded(results.most)) s; to the end of the process \(rounded(exits.median)) s"
    ).print()
  }
}
