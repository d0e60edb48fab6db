import Foundation
import Glibc
import Runtime
import Store
import TestSupport
import Testing

extension EndToEndTests {
  /// The store's disk is copied at random moments of a run as a loss of power would leave it, and each copy is gone on with:
  /// what anyone was told is there, no file is half written, and the jobs end with the same bytes (G3, G4, G5).
  @Suite struct PowerLossTests {
    private static let settings = ProcessInfo.processInfo.environment

    @Test(.enabled(if: Programs.canMountImages, "needs root, loop devices and mkfs.ext4"))
    func everyImageOpensCleanAndGoesOn() throws {
      let count = Self.settings["TRIBUTARY_IMAGES"].flatMap { Int($0) } ?? 4
      let seed = Self.settings["TRIBUTARY_TORTURE_SEED"].flatMap { UInt64($0) } ?? 1
      let report = try TortureReport(path: Self.settings["TRIBUTARY_TORTURE_REPORT"])
      report.title("\(count) images of the store's disk at random moments, seed \(seed)")
      let references = [Job.nuts.name: try Reference.nuts.get(), Job.largeBlobs.name: try Reference.largeBlobs.get()]
      var random = SplitMix64(seed: seed)
      var taken = 0
      while taken < count {
        let run = try ImagedRun()
        var images: [Image] = []
        while taken < count, try !run.hasEnded() {
          usleep(UInt32(50_000 + random.below(900_000)))
          taken += 1
          images.append(try run.takeImage(taken, whileFull: taken.isMultiple(of: 4)))
        }
        for image in images {
          let found = try image.goOn(references)
          let (told, moment) = ("\(image.told.segments) segments were told", image.moment.tenths)
          report.line("image \(image.number)", "at \(moment)", "\(told), \(found) are there")
        }
      }
    }
  }
}

/// A run on a small disk of which images are taken.
private final class ImagedRun {
  private let start = ContinuousClock.now
  private let cluster: TestCluster
  private let disk: SmallDisk
  private let image: String

  init() throws {
    cluster = try TestCluster()
    image = "\(cluster.store).image"
    try SmallDisk.makeImage(image, megabytes: 192)
    disk = try SmallDisk(at: cluster.store, image: image)
    cluster.coordinatorPrefix = disk.command
    cluster.storeRoot = disk.root
    try cluster.startCoordinator()
    // One writes to the disk itself, one through the coordinator.
    try cluster.startWorker(1, on: disk.command)
    try cluster.startWorker(2)
    for job in [Job.nuts, .largeBlobs] { try cluster.submit(job) }
  }

  func hasEnded() throws -> Bool {
    try [Job.nuts, .largeBlobs].allSatisfy { try cluster.status(of: $0)?.summary.state ?? "running" != "running" }
  }

  func takeImage(_ number: Int, whileFull: Bool) throws -> Image {
    try cluster.submit(Job("told-\(number)", "kind: probe\ntasks: 1"))
    let told = try Told(on: cluster)
    if whileFull {
      try disk.fill()
      usleep(300_000)
    }
    let path = "\(cluster.folder.path)/image-\(number)"
    let processes = [cluster.coordinator, cluster.workers[1]].compactMap { $0 }.filter(\.isRunning)
    try PowerLoss.copy(image, to: path, holding: processes)
    if whileFull { try disk.free() }
    // A coordinator that cannot record anything ends.
    if cluster.coordinator?.isRunning == false { try cluster.startCoordinator() }
    return Image(number: number, path: path, told: told, moment: .now - start, source: cluster)
  }
}

/// What a client was told of the jobs: what must be there after a loss of power.
private struct Told {
  private var jobs: [String: JobStatus] = [:]

  init(on cluster: TestCluster) throws {
    try eventually("a coordinator") { try cluster.status(of: .nuts) }
    for name in try cluster.client().jobs().map(\.name) { jobs[name] = try cluster.client().status(of: name) }
  }

  /// Segments of tasks that have not ended, and one for each task that has.
  var segments: Int { jobs.values.reduce(0) { $0 + $1.summary.completed + $1.tasks.reduce(0) { $0 + $1.segments } } }

  /// What a later status lacks of this one.
  func missing(in later: Told) -> [String] {
    jobs.sorted { $0.key < $1.key }.flatMap { name, told -> [String] in
      guard let found = later.jobs[name] else { return ["job \(name)"] }
      let groups = zip(told.groups, found.groups).filter { $1.completed < $0.completed }.map { "\(name): \($0.0.name)" }
      // A task that is not listed later has ended, which the groups' counts show.
      let tasks = told.tasks.filter { task in
        found.tasks.contains { $0.group == task.group && $0.index == task.index && $0.segments < task.segments }
      }
      return groups + tasks.map { "\(name): segments of \($0.group) \($0.index)" }
    }
  }
}

/// The disk as a loss of power left it.
private struct Image {
  let number: Int
  let path: String
  let told: Told
  let moment: Duration
  /// Owns the folder of the image.
  let source: TestCluster

  /// Mounts the image, which replays the file system's journal, and lets a new cluster go on with it.
  /// - Returns: How many segments it found.
  func goOn(_ references: [String: Results]) throws -> Int {
    let cluster = try TestCluster()
    let disk = try SmallDisk(at: cluster.store, image: path)
    cluster.coordinatorPrefix = disk.command
    cluster.storeRoot = disk.root
    let store = "\(disk.root)\(cluster.store)"
    unlink("\(store)/ballast")
    try expectWholeFiles(in: store, references)
    try cluster.startCoordinator()
    let found = try Told(on: cluster)
    #expect(told.missing(in: found).isEmpty, "image \(number) lacks \(told.missing(in: found)); \(cluster.logs)")
    for worker in [1, 2] { try cluster.startWorker(worker, on: disk.command) }
    for job in [Job.nuts, .largeBlobs] {
      guard let reference = references[job.name] else { continue }
      try cluster.expect(job, toEqual: reference, "image \(number)")
    }
    #expect(try cluster.client().jobs().allSatisfy { $0.state != "failed" })
    return found.segments
  }

  /// Whatever has its final name is whole: blobs have their digests, results their bytes, and shown draws their chunks.
  private func expectWholeFiles(in store: String, _ references: [String: Results]) throws {
    let blobs = "\(store)/blobs/sha256"
    for blob in try FileManager.default.subpathsOfDirectory(atPath: blobs) where blob.contains("/") {
      guard !blob.hasSuffix(".part") else { continue }
      let digest = Digest(of: try Data(contentsOf: URL(filePath: "\(blobs)/\(blob)")))
      #expect("\(digest)" == blob.filter { $0 != "/" }, "image \(number)")
    }
    for (job, reference) in references {
      let found = try Results(jobFolder: "\(store)/jobs/\(job)").files.filter { !$0.key.hasSuffix(".part") }
      for (name, bytes) in found where !name.hasSuffix(".zmetadata") {
        #expect(bytes == reference.files[name], "image \(number): \(job)/\(name)")
      }
      guard let metadata = found["posterior.zarr/.zmetadata"] else { continue }
      let missing = try ShownChunks.names(metadata: metadata).filter { found["posterior.zarr/\($0)"] == nil }
      #expect(missing.isEmpty, "image \(number): \(missing) are shown and not there")
    }
  }
}

/// The chunks that the metadata of a Zarr store shows.
private enum ShownChunks {
  private struct Metadata: Decodable { let metadata: [String: Entry] }

  private struct Entry: Decodable {
    let shape: [Int]?
    let chunks: [Int]?
  }

  static func names(metadata: [UInt8]) throws -> [String] {
    let entries = try JSONDecoder().decode(Metadata.self, from: Data(metadata)).metadata
    return entries.flatMap { path, entry -> [String] in
      guard let shape = entry.shape, let chunks = entry.chunks, !shape.contains(0) else { return [] }
      let counts = zip(shape, chunks).map { ($0 + $1 - 1) / $1 }
      let places = counts.reduce([""]) { names, count in
        names.flatMap { name in (0..<count).map { name.isEmpty ? "\($0)" : "\(name).\($0)" } }
      }
      let array = path.dropLast("/.zarray".count)
      return places.map { "\(array)/\($0)" }
    }
  }
}
