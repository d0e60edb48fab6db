import Foundation
import TestSupport
import Glibc
import Testing

extension EndToEndTests {
  /// A store on a disk that fills up: nothing is lost, and when there is space the work goes on.
  @Suite(.enabled(if: Programs.canMount, "mounting a small disk needs root"))
  struct FullDiskTests {
    @Test(arguments: [true, false])
    func workIsWaitingWhileTheDiskIsFull(workerSeesDisk: Bool) throws {
      let cluster = try TestCluster()
      let disk = try SmallDisk(at: cluster.store, megabytes: 48)
      cluster.coordinatorPrefix = disk.command
      cluster.storeRoot = disk.root
      try cluster.startCoordinator()
      let worker = try cluster.startWorker(1, on: workerSeesDisk ? disk.command : [])
      try worker.prints(workerSeesDisk ? "shared folder" : "through the coordinator")
      try cluster.submit(.nuts)
      try eventually("a commit") { try cluster.status(of: .nuts)?.tasks.first { $0.segments > 0 } }
      try disk.fill()
      let coordinator = try #require(cluster.coordinator)
      // A commit that was under way may meet the full disk in the catalogue, and then the coordinator ends.
      try eventually("the word that the disk is full; \(cluster.logs)") {
        worker.output.contains("Free some space") || !coordinator.isRunning ? true : nil
      }
      let next = Job("next", "kind: probe\ntasks: 2")
      if coordinator.isRunning {
        let refusal = #expect(throws: TestError.self) { try cluster.submit(next) }
        let word = refusal?.description ?? ""
        // The worker stores beside its computing, so that a commit may still be under way.
        if !word.contains("Free some space") { #expect(try coordinator.end() == 74, "\(word)") }
      }
      try disk.free()
      if !coordinator.isRunning {
        #expect(coordinator.exitCode == 74)
        try cluster.startCoordinator()
      }
      try cluster.submit(next)
      #expect(try cluster.end(of: next) == "completed")
      try cluster.expect(.nuts, toEqual: try Reference.nuts.get())
      #expect(worker.isRunning)
    }

    @Test func aCoordinatorThatCannotRecordEndsAndLosesNothing() throws {
      let cluster = try TestCluster()
      let disk = try SmallDisk(at: cluster.store, megabytes: 48)
      cluster.coordinatorPrefix = disk.command
      cluster.storeRoot = disk.root
      try cluster.start()
      let job = Job("records", "kind: probe\ntasks: 3000\nseconds: 0.002\nleaseAhead: 8")
      try cluster.submit(job)
      try eventually("commits") { try cluster.status(of: job).flatMap { $0.summary.completed > 100 ? true : nil } }
      try disk.fill()
      let coordinator = try #require(cluster.coordinator)
      #expect(try coordinator.end() == 74, "\(coordinator.output)")
      #expect(coordinator.output.contains("Free some space"), "\(coordinator.output)")
      try disk.free()
      try cluster.startCoordinator()
      #expect(try cluster.end(of: job) == "completed")
      #expect(try cluster.status(of: job)?.summary.completed == 3000)
    }

    /// What a worker fetches needs space in its cache: it waits for that, and no task fails.
    @Test func aWorkerWithAFullCacheWaits() throws {
      let cluster = try TestCluster()
      let store = try SmallDisk(at: cluster.store, megabytes: 48)
      let folder = "\(cluster.folder.path)/cache"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      let cache = try SmallDisk(at: folder, megabytes: 8)
      cluster.coordinatorPrefix = store.command
      cluster.storeRoot = store.root
      try cluster.startCoordinator()
      let first = try cluster.startWorker(1)
      let job = Job(
        "alone",
        """
        kind: chains
        data: {set: yacht}
        model: {type: mlp, hidden: [50]}
        kernel: {type: nuts, maxDepth: 8}
        chains: 1
        warmup: 100
        draws: 100
        segment: 10
        """)
      try cluster.submit(job)
      try eventually("a commit") { try cluster.status(of: job)?.tasks.first { $0.segments > 0 } }
      let second = try cluster.startWorker(2, on: cache.command)
      try second.prints("through the coordinator")
      try cache.fill()
      first.crash()
      // Longer than all retries of a task take.
      try second.prints("no space for a blob")
      for _ in 1...5 {
        let warnings = second.output.components(separatedBy: "no space for a blob").count
        try eventually("one more try") {
          second.output.components(separatedBy: "no space for a blob").count > warnings ? true : nil
        }
      }
      try cache.free()
      #expect(try cluster.end(of: job) == "completed")
      #expect(cluster.coordinator?.output.contains("task failed") == false, "\(cluster.logs)")
    }
  }
}
