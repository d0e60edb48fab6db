import Foundation
import Runtime
import TestSupport
import Testing

extension EndToEndTests {
  /// Which worker gets which task, and what becomes of a task that no worker survives.
  @Suite struct PlacementTests {
    @Test func tasksWaitForAWorkerThatOffersWhatTheyNeed() throws {
      let cluster = try TestCluster()
      try cluster.start(workers: 1)
      let job = Job("picky", "kind: probe\ntasks: 3\nneeds: {cores: 2, memory: 1MiB, labels: [big]}")
      try cluster.submit(job)
      let said = try eventually("a word about what is missing") {
        let (_, output) = try cluster.command("status", job.name, "--connect", cluster.endpoint)
        return output.contains("waits for a worker with 2 cores, 1MiB, big") ? output : nil
      }
      #expect(said.contains("none is connected"))
      cluster.workerOptions = ["--cores", "4", "--label", "big", "--name", "large"]
      try cluster.startWorker(2)
      #expect(try cluster.end(of: job) == "completed")
      #expect(try cluster.client().workers().first { $0.name == "large" }?.offer.labels == ["big"])
    }

    /// The job goes on without the task, and its log has every attempt.
    @Test func aTaskThatNoWorkerSurvivesIsSetAside() throws {
      let cluster = try TestCluster()
      try cluster.startCoordinator()
      let job = Job("poison", "kind: probe\ntasks: 2\nseconds: 4\nretries: 0")
      try cluster.submit(job)
      for attempt in 1...11 {
        cluster.workerOptions = ["--name", "victim-\(attempt)"]
        let worker = try cluster.startWorker(1)
        _ = try eventually("attempt \(attempt) at the first task") {
          let tasks = try cluster.status(of: job)?.tasks ?? []
          return tasks.contains { $0.index == 0 && $0.worker == "victim-\(attempt)" } ? true : nil
        }
        worker.crash()
      }
      cluster.workerOptions = []
      try cluster.startWorker(2)
      #expect(try cluster.end(of: job) == "failed")
      let status = try #require(try cluster.status(of: job))
      #expect(status.groups.first?.completed == 1, "the other task is not held up")
      let path = "\(cluster.store)/jobs/poison/run/quarantine/probe-0.log"
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 11)
      #expect(lines.allSatisfy { $0.contains("the worker was lost: connection closed") }, "\(lines)")
      let (_, output) = try cluster.command("status", "poison", "--connect", cluster.endpoint)
      #expect(output.contains("the worker was lost"), "\(output)")
    }
  }
}
