import Foundation
import HostilePeers
import Messaging
import Store
import TestSupport
import Testing

extension EndToEndTests {
  /// A coordinator under attack from all sides goes on serving (G6, G7, G9). `Scripts/bench storm` measures the same longer.
  @Suite struct StormTests {
    private static let memoryMax = 1 << 30

    @Test func workGoesOnInAStorm() throws {
      let cluster = try TestCluster()
      let keys = try Keys(in: cluster.folder, workers: ["worker", "evil-worker"], clients: ["laptop", "evil-client"])
      keys.use(in: cluster, client: "laptop")
      cluster.workerOptions = keys.options(of: "worker")
      try cluster.start(workers: 2)
      let blobs = try BlobStore(storeFolder: cluster.store)
      let blob = try blobs.put([UInt8](repeating: 5, count: 1 << 20))
      try cluster.client().submit(
        name: "work", file: "work.yaml", yaml: "kind: probe\ntasks: 100000\nseconds: 0.01", inputs: [:])
      try eventually("a task's end") { try cluster.completed("work") > 20 ? true : nil }

      let calm = try cluster.rate(of: "work", during: .seconds(4))
      let storm = Storm(
        Storm.Target(
          endpoint: cluster.endpoint, serverKey: try PublicKey(file: keys.serverKey),
          worker: try KeyPair(secretFile: keys.secret(of: "evil-worker")),
          client: try KeyPair(secretFile: keys.secret(of: "evil-client")), blob: "\(blob)"),
        halfOpen: 1000)
      defer { storm.stop() }
      let coordinator = try #require(cluster.coordinator)
      Thread.sleep(forTimeInterval: 2)
      let stormy = try cluster.rate(of: "work", during: .seconds(8))
      #expect(coordinator.isRunning, "\(coordinator.output.suffix(2000))")
      #expect(stormy >= calm / 2, "\(stormy) tasks/s in the storm, \(calm) before; \(storm.counts)")
      #expect(coordinator.residentBytes < Self.memoryMax, "\(coordinator.residentBytes >> 20) MiB; \(storm.counts)")
      #expect(storm.counts.allSatisfy { !$0.attack.contains("ended") }, "\(storm.counts)")
      storm.stop()
      let after = try cluster.rate(of: "work", during: .seconds(3))
      #expect(after >= calm * 0.8, "\(after) tasks/s after the storm, \(calm) before")
    }

    /// Connections that say nothing never take the last descriptors: who is served is served on.
    @Test func silentConnectionsLeaveDescriptorsForWork() throws {
      let cluster = try TestCluster()
      cluster.coordinatorPrefix = ["prlimit", "--nofile=200:200", "--"]
      try cluster.start(workers: 1)
      try cluster.submit(Job("work", "kind: probe\ntasks: 100000\nseconds: 0.01"))
      try eventually("a task's end") { try cluster.completed("work") > 20 ? true : nil }
      let raw = RawConnections()
      let coordinator = try #require(cluster.coordinator)
      for round in 1...3 {
        for _ in 0..<400 { try raw.open(port: cluster.port) }
        let before = try eventually("an answer") { try? cluster.completed("work") }
        // A client that came to a full backlog tries again after some seconds.
        try eventually("work's going on") { (try? cluster.completed("work")).flatMap { $0 > before + 20 ? true : nil } }
        #expect(coordinator.isRunning && coordinator.descriptorCount < 200, "round \(round)")
      }
    }
  }
}

extension TestCluster {
  /// Tasks of a job that are complete.
  fileprivate func completed(_ job: String) throws -> Int { try client().status(of: job).summary.completed }

  /// Tasks completed in a second.
  fileprivate func rate(of job: String, during time: Duration) throws -> Double {
    let (first, start) = (try completed(job), ContinuousClock.now)
    Thread.sleep(forTimeInterval: time / .seconds(1))
    return Double(try completed(job) - first) / ((ContinuousClock.now - start) / .seconds(1))
  }
}
