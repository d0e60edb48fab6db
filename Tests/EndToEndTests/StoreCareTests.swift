import Foundation
import Glibc
import Store
import TestSupport
import Testing

extension EndToEndTests {
  /// A store is kept small and whole, and what is lost of it comes back.
  @Suite struct StoreCareTests {
    /// Seeds of your own, as in TRIBUTARY_SEEDS=5,6,7.
    private static let seeds = ProcessInfo.processInfo.environment["TRIBUTARY_SEEDS"]?.split(separator: ",")
      .compactMap { UInt64($0) }

    /// Blobs are collected as early as they can be, while a job runs that uses them, and crashes besides.
    @Test(arguments: Programs.canMount ? [false, true] : [false])
    func garbageGoesAndNothingElse(hidesStore: Bool) throws {
      let cluster = try TestCluster(hidesStore: hidesStore)
      cluster.coordinatorOptions = ["--garbage-age", "1s"]
      try cluster.start()
      try cluster.submit(.nuts)
      try eventually("a commit") { try cluster.status(of: .nuts)?.tasks.first { $0.segments > 0 } }
      cluster.crashCoordinator()
      try cluster.startCoordinator()
      try cluster.expect(.nuts, toEqual: try Reference.nuts.get())
      // Another job with the same blobs, among them checkpoints that are garbage by now.
      let twin = Job("twin", String(Job.nuts.yaml.drop { $0 != "\n" }.dropFirst()))
      try cluster.submit(twin)
      _ = try cluster.results(of: twin)
      try eventually("no blob without a second name but the layout; \(cluster.logs)") {
        try cluster.singleBlobs == 1 ? true : nil
      }
      #expect(cluster.logs.contains("removed blobs that no job needs"))

      try cluster.submit(.long)
      let refused = try cluster.command("jobs", "remove", "long", "--connect", cluster.endpoint)
      #expect(refused.exitCode == 75 && refused.output.contains("tributary cancel long"), "\(refused.output)")
      try cluster.client().cancel("long")
      for job in ["long", "nuts", "twin"] {
        let removed = try eventually("the removal of \(job)") {
          let removed = try cluster.command("jobs", "remove", job, "--connect", cluster.endpoint)
          return removed.output.contains("Try again") ? nil : removed
        }
        #expect(removed.exitCode == 0 && removed.output == "removed \(job)\n", "\(removed.output)")
      }
      #expect(try cluster.command("jobs", "remove", "nuts", "--connect", cluster.endpoint).exitCode == 66)
      try eventually("an empty store; \(cluster.logs)") { try cluster.blobs.isEmpty ? true : nil }
      try eventually("no folders") {
        try FileManager.default.contentsOfDirectory(atPath: "\(cluster.store)/jobs").isEmpty ? true : nil
      }
    }

    /// Beyond the quota work waits and submissions are refused, until there is room.
    @Test(arguments: Programs.canMount ? [false, true] : [false])
    func theQuotaIsKept(hidesStore: Bool) throws {
      let reference = try Reference.largeBlobs.get()
      let cluster = try TestCluster(hidesStore: hidesStore)
      // The first job takes 40 MB, the other 36.
      cluster.coordinatorOptions = ["--quota", "48MiB", "--garbage-age", "1s"]
      try cluster.start(workers: 1)
      let first = Job("first", "kind: probe\ntasks: 10\nbytes: 4000000")
      try cluster.submit(first)
      #expect(try cluster.end(of: first) == "completed")
      try cluster.submit(.largeBlobs)
      try cluster.coordinator?.prints("more than its quota of 48 MiB")
      let refusal = try cluster.command(
        "submit", try cluster.folder.write(Job.nuts.yaml, as: "nuts.yaml"), "--connect", cluster.endpoint)
      #expect(refusal.exitCode == 75 && refusal.output.contains("tributary jobs remove"), "\(refusal.output)")
      try cluster.workers[1]?.prints("quota")
      #expect(try cluster.status(of: .largeBlobs)?.summary.state == "running")
      try cluster.client().remove("first")
      try cluster.coordinator?.prints("there is space again")
      try cluster.expect(.largeBlobs, toEqual: reference)
    }

    /// Bytes are flipped, files cut short and removed: what has a copy is taken from it, the rest is computed again.
    @Test(arguments: seeds ?? [1, 2]) func whatIsLostComesBack(seed: UInt64) throws {
      let reference = try Reference.nuts.get()
      let cluster = try TestCluster()
      try cluster.start()
      try cluster.submit(.nuts)
      // Odd seeds damage a job that has ended, even ones a job that is under way.
      let segments = seed.isMultiple(of: 2) ? 5 : Int.max
      try eventually("commits") { try cluster.hasCommitted(segments, of: .nuts) ? true : nil }
      #expect(try cluster.check().exitCode == 73, "a coordinator uses the store")
      cluster.stop()
      let whole = try cluster.check()
      #expect(whole.exitCode == 0 && whole.output.contains("whole"), "\(whole.output)")

      var random = SplitMix64(seed: seed)
      let files = try cluster.blobs + cluster.files(of: .nuts).filter { _ in random.oneIn(4) }
      for file in files where random.oneIn(12) { try Self.damage(file, &random) }
      try Self.damage(try #require(cluster.blobs.randomElement(using: &random)), &random)
      let found = try cluster.check()
      #expect(found.exitCode == 1 && found.output.contains("damaged"), "\(found.output)")
      #expect(try cluster.check().output == found.output, "a check changes nothing")
      let repaired = try cluster.check("--repair")
      #expect(repaired.exitCode == 0 && repaired.output.contains("repaired"), "\(repaired.output)")
      let after = try cluster.check()
      #expect(after.exitCode == 0, "\(after.output)")
      try cluster.start()
      try cluster.expect(.nuts, toEqual: reference, "seed \(seed): \(repaired.output)")
      cluster.stop()
      #expect(try cluster.check().exitCode == 0)
    }

    private static func damage(_ path: String, _ random: inout SplitMix64) throws {
      var bytes = Array(try Data(contentsOf: URL(filePath: path)))
      switch random.below(3) {
      case 0: unlink(path)
      case 1: truncate(path, off_t(bytes.count / 2))
      default:
        // In place, so that all names of the file see it.
        if !bytes.isEmpty { bytes[random.below(bytes.count)] ^= 0x10 }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.write(contentsOf: Data(bytes))
        try file.close()
      }
    }

    @Test func aBrokenCatalogueIsToldFromAStore() throws {
      let cluster = try TestCluster()
      let none = try cluster.check()
      #expect(none.exitCode == 66 && none.output.contains("there is no store"), "\(none.output)")
      try cluster.start(workers: 1)
      let job = Job("probe", "kind: probe\ntasks: 300")
      try cluster.submit(job)
      #expect(try cluster.end(of: job) == "completed")
      cluster.stop()
      let path = "\(cluster.store)/catalogue.sqlite"
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      for page in 3..<8 {
        try file.seek(toOffset: UInt64(page * 4096))
        try file.write(contentsOf: Data(repeating: 0xa5, count: 2048))
      }
      try file.close()
      let broken = try cluster.check("--repair")
      #expect(broken.exitCode == 1 || broken.exitCode == 73, "\(broken.output)")
      #expect(broken.output.contains("backup") || broken.output.contains("catalogue"), "\(broken.output)")
    }

    /// A backup made while the job runs is a store on which the job ends with the same bytes.
    @Test(arguments: [false, true]) func aBackupIsAStore(copies: Bool) throws {
      let cluster = try TestCluster()
      let copy = try TestCluster()
      let destination = copy.store
      // Links cannot cross file systems.
      let other = copies ? try ShmFolder() : nil
      let target = other?.path ?? destination
      cluster.coordinatorOptions = ["--garbage-age", "1s"]
      try cluster.start()
      try cluster.submit(.nuts)
      var summaries: [String] = []
      for commits in [1, 3, 6] {
        try eventually("commits") { try cluster.hasCommitted(commits, of: .nuts) ? true : nil }
        let (exitCode, output) = try cluster.command("store", "backup", cluster.store, target)
        #expect(exitCode == 0, "\(output)")
        summaries.append(output)
      }
      #expect(summaries[1].contains("(0 bytes copied)") != copies, "\(summaries)")
      if let other {
        try FileManager.default.removeItem(atPath: destination)
        try FileManager.default.copyItem(atPath: other.path, toPath: destination)
      }
      #expect(try cluster.command("store", "check", destination).exitCode == 0)
      try copy.start()
      try copy.expect(.nuts, toEqual: try Reference.nuts.get())
      try cluster.expect(.nuts, toEqual: try Reference.nuts.get())
      // It is a store of its own now.
      let refused = try cluster.command("store", "backup", cluster.store, destination)
      #expect(refused.exitCode == 73 && refused.output.contains("neither empty nor a backup"), "\(refused.output)")
    }
  }
}

/// A folder on another file system than the temporary one.
private final class ShmFolder {
  let path = "/dev/shm/tributary-\(UUID().uuidString)"
  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension TestCluster {
  /// Whether a task of a job has committed so many segments, or the job has ended.
  fileprivate func hasCommitted(_ segments: Int, of job: Job) throws -> Bool {
    guard let status = try status(of: job) else { return false }
    return status.summary.state != "running" || status.tasks.contains { $0.segments >= segments }
  }

  fileprivate func check(_ options: String...) throws -> (exitCode: Int32, output: String) {
    let log = "\(folder.path)/check-\(UUID().uuidString).log"
    let process = try RunningProcess([Programs.tributary, "store", "check", store] + options, output: log)
    return (try process.end(), process.output)
  }

  /// Paths of all blobs.
  fileprivate var blobs: [String] {
    get throws { try FileManager.default.files(below: "\(store)/blobs/sha256") }
  }

  /// Blobs that have no name in the folder of a job.
  fileprivate var singleBlobs: Int {
    get throws {
      try blobs.count {
        access($0, F_OK) == 0 && (try? FileManager.default.attributesOfItem(atPath: $0))?[.referenceCount] as? Int == 1
      }
    }
  }

  fileprivate func files(of job: Job) throws -> [String] {
    try FileManager.default.files(below: "\(store)/jobs/\(job.name)").filter { !$0.contains("/run/") }
  }

  /// Ends everything calmly.
  fileprivate func stop() {
    for worker in workers.values { worker.signal(SIGTERM) }
    for worker in workers.values { _ = try? worker.end() }
    coordinator?.signal(SIGTERM)
    _ = try? coordinator?.end()
  }
}

extension FileManager {
  /// Paths of all files below a folder, sorted.
  fileprivate func files(below folder: String) throws -> [String] {
    try subpathsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }.filter { path in
      var isFolder: ObjCBool = false
      return fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }
  }
}
