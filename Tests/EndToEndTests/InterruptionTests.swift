import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEndTests {
  /// Processes that are asked to end do so calmly, and the work goes on elsewhere or later.
  @Suite struct InterruptionTests {
    @Test func aDrainedWorkerHandsItsTasksBack() throws {
      let cluster = try TestCluster()
      try cluster.start(workers: 1)
      try cluster.submit(.nuts)
      let first = try #require(cluster.workers[1])
      try eventually("a commit") { try cluster.status(of: .nuts)?.tasks.first { $0.segments > 0 } }
      try cluster.startWorker(2)
      first.signal(SIGTERM)
      #expect(try first.end() == 0, "\(first.output)")
      // Handed back, not lost: nobody had to notice that the worker is gone.
      #expect(!cluster.logs.contains("silent"))
      try cluster.expect(.nuts, toEqual: try Reference.nuts.get())
    }

    /// A supervisor may ask a process to end before it has come up.
    @Test func aSignalThatComesEarlyIsNotLost() throws {
      let folder = try TemporaryFolder()
      let worker = try RunningProcess(
        [Programs.worker, "--connect", "tcp://127.0.0.1:\(try Programs.freePort())"], output: "\(folder.path)/log",
        blocked: SIGTERM)
      worker.signal(SIGTERM)
      #expect(try worker.end() == 0)
    }

    /// Who stops a group of processes often asks a worker and its parent, which passes it on; only a later signal insists.
    @Test func signalsAtOnceAreOneRequest() throws {
      let cluster = try TestCluster()
      cluster.workerOptions = ["--grace", "300s"]
      try cluster.start(workers: 1)
      try cluster.submit(Job("waiting", "kind: probe\ntasks: 1\nseconds: 300"))
      let worker = try #require(cluster.workers[1])
      try eventually("the task") { try cluster.client().workers().first { !$0.tasks.isEmpty } }
      for _ in 1...2 { worker.signal(SIGTERM) }
      let patience = ContinuousClock.now + .seconds(1)
      try eventually("the time of one request to pass") { ContinuousClock.now >= patience ? true : nil }
      #expect(worker.isRunning, "\(worker.output)")
      worker.signal(SIGTERM)
      #expect(try worker.end() == 128 + SIGTERM)
      #expect(!worker.output.contains("task failed"), "\(worker.output)")
    }

    @Test func aStoppedCoordinatorGoesOnWhereItWas() throws {
      let cluster = try TestCluster()
      try cluster.start()
      try cluster.submit(.nuts)
      try eventually("a commit") { try cluster.status(of: .nuts)?.tasks.first { $0.segments > 0 } }
      cluster.coordinator?.signal(SIGTERM)
      #expect(try cluster.coordinator?.end() == 0)
      try cluster.startCoordinator()
      try cluster.expect(.nuts, toEqual: try Reference.nuts.get())
    }

    /// A program in the worker's place that ends at once stands for workers that crash.
    @Test func aRunWithoutWorkersEnds() throws {
      let folder = try TemporaryFolder()
      let file = try folder.write(Job.nuts.yaml, as: "nuts.yaml")
      let run = try RunningProcess(
        [Programs.tributary, "run", file, "--store", "\(folder.path)/store", "--worker-program", "/bin/false"],
        output: "\(folder.path)/log")
      #expect(try run.end() == 70)
      #expect(run.output.contains("All workers have ended"))
    }

    @Test func anInterruptedRunGoesOnWhenRunAgain() throws {
      let folder = try TemporaryFolder()
      let file = try folder.write(Job.nuts.yaml, as: "nuts.yaml")
      let jobFolder = "\(folder.path)/store/jobs/nuts"
      func run(_ name: String) throws -> RunningProcess {
        try RunningProcess(
          [Programs.tributary, "run", file, "--store", "\(folder.path)/store", "--workers", "2"],
          output: "\(folder.path)/\(name).log")
      }
      let first = try run("first")
      try eventually("draws") { access("\(jobFolder)/posterior.zarr/sample_stats/lp/0.0", F_OK) == 0 ? true : nil }
      first.signal(SIGINT)
      #expect(try first.end() == 130)
      #expect(first.output.contains("run the same command again"))
      #expect(access("\(jobFolder)/summary.json", F_OK) != 0, "the job ended before it was interrupted")

      let second = try run("second")
      #expect(try second.end() == 0, "\(second.output)")
      #expect(second.output.contains("going on with nuts"))
      let differences = try Results(jobFolder: jobFolder).differences(from: try Reference.nuts.get())
      #expect(differences.isEmpty, "\(differences)")

      let third = try run("third")
      #expect(try third.end() == 75)
      #expect(third.output.contains("has a job nuts already (completed)") && third.output.contains("--name"))
    }
  }
}
