import Foundation
import Glibc
import Messaging
import Runtime
import TestSupport
import Testing

extension EndToEndTests {
  /// Workers that are asked to end do so in time, and lose at most what cannot pause.
  @Suite struct DrainTests {
    /// Two segments of some seconds each: a worker that finished one first would be seen to.
    private static let job = Job(
      "pausing",
      """
      kind: chains
      seed: 11
      data: {set: yacht}
      model: {type: mlp, hidden: [50, 50]}
      kernel: {type: nuts, maxDepth: 8}
      chains: 1
      warmup: 1000
      draws: 100
      segment: 1000
      """)
    private static let reference = Result { try job.undisturbed() }
    private static let waiting = Job("waiting", "kind: probe\ntasks: 1\nseconds: 300")

    /// A task that a worker hands back inside a segment goes on elsewhere at that very step, with the same bytes (G4).
    @Test(arguments: Programs.canMount ? [false, true] : [false])
    func aTaskPausesInsideASegment(hidesStore: Bool) throws {
      let reference = try Self.reference.get()
      let cluster = try TestCluster(hidesStore: hidesStore)
      try cluster.startCoordinator()
      try cluster.submit(Self.job)
      var done = 0
      for number in 1...2 {
        let worker = try cluster.startWorker(number)
        let (segments, first) = try Self.progress(on: cluster)
        #expect(segments == 0 && first >= done, "the task began anew: \(first) after \(done)")
        done = try eventually("more steps") {
          let now = try Self.progress(on: cluster).done
          return now >= first + 30 ? now : nil
        }
        worker.signal(SIGTERM)
        #expect(try worker.end(within: .seconds(20)) == 0, "\(worker.output)")
        // What is paused survives the coordinator, too.
        if number == 2 {
          cluster.crashCoordinator()
          try cluster.startCoordinator()
        }
      }
      #expect(!cluster.logs.contains("silent"))
      try cluster.startWorker(3)
      try cluster.expect(Self.job, toEqual: reference)
    }

    private static func progress(on cluster: TestCluster) throws -> (segments: Int, done: Int) {
      try eventually("progress; \(cluster.logs)") {
        guard let task = try cluster.status(of: job)?.tasks.first, let progress = task.progress else { return nil }
        return (task.segments, progress.done)
      }
    }

    /// What can neither pause nor commit in time is handed back as it was, at once and without a loss.
    @Test func theGraceIsKept() throws {
      let cluster = try TestCluster()
      cluster.workerOptions = ["--grace", "1s"]
      try cluster.start(workers: 1)
      try cluster.submit(Self.waiting)
      let worker = try #require(cluster.workers[1])
      try eventually("the task") { try cluster.client().workers().first { !$0.tasks.isEmpty } }
      worker.signal(SIGTERM)
      #expect(try worker.end(within: .seconds(20)) == 0, "\(worker.output)")
      let task = try eventually("the task in the queue") { try cluster.status(of: Self.waiting)?.tasks.first }
      #expect(task.state == "queued" && task.failure == nil)
      try cluster.startWorker(2)
      try eventually("the task elsewhere") { try cluster.client().workers().first { !$0.tasks.isEmpty } }
    }

    @Test func workersAreDrainedByCommand() throws {
      let cluster = try TestCluster()
      cluster.workerOptions = ["--grace", "300s"]
      try cluster.start(workers: 2)
      try cluster.submit(Self.waiting)
      let busy = try eventually("a busy worker") { try cluster.client().workers().first { !$0.tasks.isEmpty } }
      let idle = try eventually("an idle worker") { try cluster.client().workers().first { $0.tasks.isEmpty } }
      let drained = try cluster.command("workers", "drain", idle.name, "--connect", cluster.endpoint)
      #expect(drained.exitCode == 0 && drained.output == "draining \(idle.name)\n", "\(drained.output)")
      try eventually("one worker") { try cluster.client().workers().count == 1 ? true : nil }
      try eventually("its end") { cluster.workers.values.first { $0.exitCode == 0 } }

      #expect(try cluster.command("workers", "drain", "--host", busy.host, "--connect", cluster.endpoint).exitCode == 0)
      let list = try eventually("the word of it") {
        let list = try cluster.command("workers", "--connect", cluster.endpoint).output
        return list.contains("draining") ? list : nil
      }
      #expect(list.contains(busy.name) && list.contains("waiting/probe/0"), "\(list)")
      let unknown = try cluster.command("workers", "drain", "nobody", "--connect", cluster.endpoint)
      #expect(unknown.exitCode == 66 && unknown.output.contains("No worker named nobody is connected"))
      #expect(try cluster.command("workers", "drain", "--connect", cluster.endpoint).exitCode == 64)
      // A coordinator that starts anew hears of it from the worker.
      cluster.crashCoordinator()
      try cluster.startCoordinator()
      try eventually("the worker again") {
        try cluster.client().workers().first { $0.name == busy.name && $0.isDraining == true }
      }
      #expect(try cluster.command("workers", "drain", "--all", "--connect", cluster.endpoint).exitCode == 0)
    }

    @Test func aWorkerLeavesBeforeItsLifetimeIsOver() throws {
      let cluster = try TestCluster()
      cluster.workerOptions = ["--lifetime", "4s", "--grace", "2s"]
      try cluster.start(workers: 1)
      try cluster.submit(Self.job)
      let worker = try #require(cluster.workers[1])
      #expect(try worker.end() == 0)
      #expect(worker.output.contains("the lifetime is nearly over"), "\(worker.output)")
      #expect(!cluster.logs.contains("silent"))
      cluster.workerOptions = []
      try cluster.startWorker(2)
      try cluster.expect(Self.job, toEqual: try Self.reference.get())
      for options in [["--lifetime", "30s"], ["--lifetime", "soon"], ["--lifetime", "1m1h"]] {
        let log = cluster.log("wrong-\(options[1])")
        let wrong = try RunningProcess([Programs.worker, "--connect", cluster.endpoint] + options, output: log)
        #expect(try wrong.end() == 64, "\(wrong.output)")
      }
    }

    /// Peers of different versions part with a word about both, each way round.
    @Test func anotherVersionIsRefusedByName() throws {
      let folder = try TemporaryFolder()
      let endpoint = "tcp://127.0.0.1:\(try Programs.freePort())"
      let coordinator = try Socket(.router, try Context(), SocketOptions())
      try coordinator.bind(endpoint)
      let commands = [[Programs.worker, "--connect", endpoint], [Programs.tributary, "jobs", "--connect", endpoint]]
      for (version, older) in [("TRIBUTARY/9", "this program"), ("TRIBUTARY/0", "the peer")] {
        for (number, command) in commands.enumerated() {
          let process = try RunningProcess(command, output: "\(folder.path)/\(version.suffix(1))-\(number)")
          let code = try eventually("the end") {
            while let message = try coordinator.receive() {
              let refused = [version, "refused", "{}"].map { Array($0.utf8) }
              _ = try coordinator.send(Message(refused, to: message.routingID))
            }
            return process.exitCode
          }
          #expect(code == 76)
          for word in [version, Envelope.version, "same version on all hosts", "\(older) is the older one"] {
            #expect(process.output.contains(word), "\(process.output)")
          }
        }
      }
    }
  }
}
