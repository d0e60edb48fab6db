import Foundation
import TestSupport

/// Faults upon faults on a cluster that works, and at the end the question whether anything can be told from it.
struct Torture {
  let seed: UInt64
  let minutes: Double
  let report: TortureReport

  /// How long the last jobs may take when everything is healed.
  private static let healedLimit = Duration.seconds(240)
  /// What the coordinator may need: the libraries, its records of three jobs, messages under way.
  private static let coordinatorKilobytesMax = 256 << 10

  /// - Returns: What is wrong; empty when all is as it should be.
  func run() throws -> [String] {
    let plan = FaultPlan(seed: seed, minutes: minutes, kinds: FaultKind.all)
    report.title(
      "torture of \(plan.faults.count) faults in \(minutes.formatted()) minutes, seed \(seed); coordinator and "
        + "\(TorturedCluster.workers.count) workers on \(TorturedCluster.hostCount) hosts; "
        + (Programs.canMountImages ? "disks are ext4 in files" : "no loop devices here: disks are in memory"))
    let cluster = try TorturedCluster(megabytes: 512 + Int(minutes * 512))
    let jobs = try JobStream(cluster, seed: seed)
    let reader = try StoreReader(cluster)
    try disturb(cluster, jobs, by: plan)
    report.line("healed", "everything", "waiting for the last jobs")
    jobs.stopSubmitting()
    let healed = ContinuousClock.now
    try wait(for: jobs, on: cluster)
    report.line(
      "ended", "\(jobs.now.submitted.count) jobs", "\((ContinuousClock.now - healed).tenths) after the healing")
    var wrongs = jobs.now.faults + cluster.crashes + (try reader?.end() ?? [])
    if !jobs.isDone {
      wrongs.append("jobs hang \(Self.healedLimit) after everything was healed\n\(cluster.cluster.logs)")
    }
    if let error = jobs.now.end { wrongs.append("the submitter ended: \(error)") }
    if cluster.peakKilobytes[0] ?? 0 > Self.coordinatorKilobytesMax {
      wrongs.append("the coordinator's memory grew to \(cluster.peakKilobytes[0] ?? 0) kB")
    }
    wrongs += try compare(jobs.now, cluster)
    summarise(plan, cluster, reader)
    return wrongs
  }

  /// Carries out the plan, while processes that end are started again.
  private func disturb(_ cluster: TorturedCluster, _ jobs: JobStream, by plan: FaultPlan) throws {
    let start = ContinuousClock.now
    var coming = plan.faults[...]
    var lasting: [FaultPlan.Fault] = []
    var nextWord = 15.0
    defer { for fault in lasting { try? fault.kind.heal(cluster, fault.target) } }
    while !coming.isEmpty || !lasting.isEmpty {
      let now = (ContinuousClock.now - start) / .seconds(1)
      for fault in lasting where fault.end <= now { try fault.kind.heal(cluster, fault.target) }
      lasting.removeAll { $0.end <= now }
      if let fault = coming.first, fault.start <= now {
        coming.removeFirst()
        try fault.kind.apply(cluster, fault.target)
        report.fault(fault)
        lasting.append(fault)
      }
      if now >= nextWord {
        report.jobs(jobs.now)
        nextWord += 15
      }
      try cluster.supervise()
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  private func wait(for jobs: JobStream, on cluster: TorturedCluster) throws {
    let end = ContinuousClock.now + Self.healedLimit
    while ContinuousClock.now < end, !jobs.isDone, jobs.now.end == nil {
      try cluster.supervise()
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// Runs the same jobs again where nothing disturbs them, and compares every byte (G4).
  private func compare(_ stream: JobStream.State, _ cluster: TorturedCluster) throws -> [String] {
    let quiet = try TestCluster()
    // Probes only wait, and may do so beside the chains.
    quiet.workerOptions = ["--slots", "4"]
    try quiet.start(workers: 2)
    for job in stream.submitted { try quiet.submit(job) }
    var wrongs: [String] = []
    var files = 0
    var bytes = 0
    for job in stream.submitted {
      let state = stream.summaries.first { $0.name == job.name }?.state ?? "unknown"
      guard state == "completed" else {
        wrongs.append("\(job.name) is \(state)")
        continue
      }
      let disturbed = try Results(jobFolder: "\(cluster.cluster.storeRoot)\(cluster.cluster.store)/jobs/\(job.name)")
      let undisturbed = try quiet.results(of: job, within: .seconds(600))
      wrongs += disturbed.differences(from: undisturbed).prefix(5).map { "\(job.name): \($0)" }
      files += undisturbed.files.count
      bytes += undisturbed.files.values.reduce(0) { $0 + $1.count }
    }
    report.line("compared", "\(stream.submitted.count) jobs", "\(files) files, \(bytes) bytes with an undisturbed run")
    return wrongs
  }

  private func summarise(_ plan: FaultPlan, _ cluster: TorturedCluster, _ reader: StoreReader?) {
    report.table(FaultKind.all.map { kind in (kind.name, plan.faults.count { $0.kind.name == kind.name }) })
    report.line("restarts", "coordinator", "\(cluster.restarts[0] ?? 0)")
    let workers = cluster.restarts.filter { $0.key > 0 }.values.reduce(0, +)
    report.line("restarts", "workers", "\(workers)")
    let peaks = cluster.peakKilobytes
    report.line("memory", "coordinator", "\((peaks[0] ?? 0) >> 10) MiB at most")
    report.line("memory", "workers", "\((peaks.filter { $0.key > 0 }.values.max() ?? 0) >> 10) MiB at most, each")
    report.line(
      "reader", reader == nil ? "none" : "ArviZ", reader?.summary ?? "no .python/zarr2: Scripts/setup --python")
  }
}

/// A reader that opens every growing store again and again while its cluster suffers (G5).
private struct StoreReader {
  private let process: RunningProcess
  private let endFile: String

  /// Starts to read; nil where there is no reader.
  init?(_ cluster: TorturedCluster) throws {
    guard Programs.has(Programs.python("zarr2")) else { return nil }
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Readers/roam.py").path
    endFile = "\(cluster.cluster.folder.path)/end"
    process = try RunningProcess(
      cluster.storeCommand + ["nice", Programs.python("zarr2"), script, "\(cluster.cluster.store)/jobs", endFile],
      output: cluster.cluster.log("reader"))
  }

  func end() throws -> [String] {
    try Data().write(to: URL(filePath: endFile))
    return try process.end(within: .seconds(120)) == 0 ? [] : ["a reader of the stores failed: \(process.output)"]
  }

  var summary: String {
    process.output.split(separator: "\n").first { $0.contains(" looks at ") }.map(String.init) ?? ""
  }
}

extension Duration {
  /// Seconds with one decimal.
  var tenths: String { String(format: "%.1f s", self / .seconds(1)) }
}
