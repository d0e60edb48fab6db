import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEndTests {
  /// Processes are killed at random moments, and the results are those of an undisturbed run, byte for byte (G1–G4).
  @Suite struct CrashTests {
    @Test(arguments: Crashes.seeds ?? [1, 2, 3])
    func aCrashedRunEqualsAnUndisturbedOne(seed: UInt64) throws {
      let references = [
        (Job.nuts, try Reference.nuts.get()), (Job.hmc, try Reference.hmc.get()),
        (Job.mclmc, try Reference.mclmc.get()),
      ]
      let cluster = try TestCluster()
      try cluster.start()
      for (job, _) in references { try cluster.submit(job) }
      var crashes = Crashes(cluster, seed: seed)
      let count = try crashes.crash(times: 7, until: { try hasEnded(Job.nuts, Job.hmc, Job.mclmc, on: cluster) })
      #expect(count > 0, "seed \(seed): the jobs ended before they were disturbed")
      for (job, reference) in references {
        try cluster.expect(job, toEqual: reference, "seed \(seed)")
      }
    }

    @Test(.enabled(if: Programs.canMount, "hiding the store from workers needs root"), arguments: Crashes.seeds ?? [4])
    func blobsThatTravelThroughTheCoordinatorAreTheSame(seed: UInt64) throws {
      let references = [
        (Job.nuts, try Reference.nuts.get()), (Job.hmc, try Reference.hmc.get()),
        (Job.largeBlobs, try Reference.largeBlobs.get()),
      ]
      let cluster = try TestCluster(hidesStore: true)
      try cluster.start()
      for (job, _) in references { try cluster.submit(job) }
      try cluster.workers[1]?.prints("through the coordinator")
      var crashes = Crashes(cluster, seed: seed)
      let count = try crashes.crash(times: 8, until: { try hasEnded(Job.nuts, Job.hmc, Job.largeBlobs, on: cluster) })
      #expect(count > 0, "seed \(seed): the jobs ended before they were disturbed")
      for (job, reference) in references {
        try cluster.expect(job, toEqual: reference, "seed \(seed)")
      }
    }

    /// What was acknowledged is there after a crash (G3): whoever was told "submitted" finds the job.
    @Test func whatWasAcknowledgedSurvivesTheCoordinator() throws {
      let cluster = try TestCluster()
      for number in 1...4 {
        try cluster.startCoordinator()
        let job = Job("job-\(number)", "kind: probe\ntasks: 1")
        try cluster.submit(job)
        cluster.crashCoordinator()
      }
      try cluster.start(workers: 1)
      for number in 1...4 { #expect(try cluster.end(of: Job("job-\(number)", "")) == "completed") }
      #expect(try cluster.client().jobs().map(\.name) == (1...4).map { "job-\($0)" })
    }

    /// A worker that starts removes the caches of killed ones, and of no other.
    @Test(.enabled(if: Programs.canMount, "hiding the store from workers needs root"))
    func theCacheOfAKilledWorkerIsRemoved() throws {
      let cluster = try TestCluster(hidesStore: true)
      try cluster.start(workers: 2)
      for worker in [1, 2] { try cluster.workers[worker]?.prints("through the coordinator") }
      let cache = "\(cluster.folder.path)/cache"
      func folders() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: cache)) }
      let before = try folders()
      #expect(before.count == 2)
      try FileManager.default.createDirectory(atPath: "\(cache)/mine", withIntermediateDirectories: false)
      cluster.workers[1]?.crash()
      #expect(try folders().isSuperset(of: before))
      try cluster.startWorker(3)
      try cluster.workers[3]?.prints("through the coordinator")
      #expect(try folders().intersection(before).count == 1)
      #expect(try folders().contains("mine"))
      cluster.workers[3]?.signal(SIGTERM)
      try cluster.workers[3]?.end()
      #expect(try folders().count == 2)
    }

    private func hasEnded(_ jobs: Job..., on cluster: TestCluster) throws -> Bool {
      try jobs.allSatisfy { try cluster.status(of: $0)?.summary.state ?? "running" != "running" }
    }
  }
}

/// Kills processes of a cluster at moments drawn from a seed, and starts them again.
private struct Crashes {
  /// Seeds of your own, as in TRIBUTARY_SEEDS=5,6,7.
  static let seeds = ProcessInfo.processInfo.environment["TRIBUTARY_SEEDS"]?.split(separator: ",").compactMap {
    UInt64($0)
  }
  private let cluster: TestCluster
  private let seed: UInt64
  private var random: SplitMix64

  init(_ cluster: TestCluster, seed: UInt64) {
    self.cluster = cluster
    self.seed = seed
    random = SplitMix64(seed: seed)
  }

  /// Crashes something again and again, with pauses in which work goes on.
  /// - Returns: How often it did before the work was done.
  mutating func crash(times: Int, until isDone: () throws -> Bool) throws -> Int {
    print("crashes of seed \(seed):", terminator: "")
    defer { print() }
    for time in 0..<times {
      // The moment is the point here: nothing is waited for.
      usleep(UInt32(100_000 + random.below(700_000)))
      if try isDone() { return time }
      try crashSomething()
    }
    return times
  }

  private mutating func crashSomething() throws {
    let (hitsCoordinator, hitsSecond) = (random.oneIn(2), random.oneIn(3))
    let hitsFirst = random.oneIn(2) || !hitsCoordinator && !hitsSecond
    print(hitsCoordinator ? " C" : " -", hitsFirst ? "1" : "-", hitsSecond ? "2" : "-", terminator: ";")
    if hitsFirst { cluster.workers[1]?.crash() }
    if hitsCoordinator { cluster.crashCoordinator() }
    if hitsSecond { cluster.workers[2]?.crash() }
    usleep(UInt32(random.below(200_000)))
    if hitsCoordinator { try cluster.startCoordinator() }
    if hitsFirst { try cluster.startWorker(1) }
    if hitsSecond { try cluster.startWorker(2) }
  }
}
