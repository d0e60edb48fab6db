import Foundation
import Glibc
import Messaging
import TestSupport
import Testing

extension EndToEndTests {
  /// What is wrong is said at once, with what to do, and an exit code that means something.
  @Suite struct BadInputTests {
    private static let header = "kind: chains\nmodel: {type: linear}\nchains: 2\nwarmup: 20\ndraws: 20\n"

    @Test(arguments: [
      ("data: {file: missing.csv, target: y}", 66 as Int32, "missing.csv"),
      ("data: {file: nan.csv, target: y}", 65, "nan.csv:3: column \"x\": \"NaN\" is not a finite number"),
      ("data: {file: good.csv, target: z}", 65, "there is no column \"z\"; the columns are: x, y"),
      ("data: {file: tiny.csv, target: y}", 65, "at least 2 and 1 are needed"),
      ("data: {set: yacht, split: 20}", 65, "must lie between 0 and 19"),
      ("data: {set: yacht}\nsegmnet: 5", 65, "did you mean \"segment\"?"),
    ])
    func aBadJobIsRefusedBeforeItIsSent(data: String, exitCode: Int32, message: String) throws {
      let folder = try TemporaryFolder()
      try folder.write("x,y\n1,2\nNaN,3\n4,5\n", as: "nan.csv")
      try folder.write("x,y\n1,2\n2,3\n", as: "tiny.csv")
      try folder.write((0..<20).reduce("x,y\n") { $0 + "\($1),\($1 * $1)\n" }, as: "good.csv")
      let file = try folder.write(Self.header + data + "\n", as: "job.yaml")
      for command in [["validate", file], ["submit", file], ["run", file, "--store", "\(folder.path)/store"]] {
        let process = try RunningProcess([Programs.tributary] + command, output: "\(folder.path)/\(command[0]).log")
        #expect(try process.end() == exitCode, "\(command[0]): \(process.output)")
        #expect(process.output.hasPrefix("error: ") && process.output.contains(message), "\(process.output)")
      }
      #expect(access("\(folder.path)/store", F_OK) != 0, "nothing is left behind")
    }

    @Test func whatIsTakenIsSaid() throws {
      let cluster = try TestCluster()
      try cluster.startCoordinator()
      try cluster.coordinator?.prints("listening")
      let other = "\(cluster.folder.path)/other"
      let port = try cluster.command("coordinator", "--listen", cluster.endpoint, "--store", other)
      #expect(port.exitCode == 69 && port.output.contains("choose another port"), "\(port.output)")
      let store = try cluster.command("coordinator", "--listen", "tcp://127.0.0.1:*", "--store", cluster.store)
      #expect(store.exitCode == 73 && store.output.contains("a coordinator uses this store"), "\(store.output)")
      let place = try cluster.command("coordinator", "--listen", "tcp://127.0.0.1:*", "--store", "/proc/store")
      #expect(place.exitCode == 73 && place.output.contains("/proc/store"), "\(place.output)")

      let job = Job("twice", "kind: probe\ntasks: 1")
      try cluster.submit(job)
      let file = "\(cluster.folder.path)/twice.yaml"
      let again = try cluster.command("submit", file, "--connect", cluster.endpoint)
      #expect(again.exitCode == 75 && again.output.contains("--name"), "\(again.output)")
      for command in ["status", "watch", "cancel"] {
        let unknown = try cluster.command(command, "nobody", "--connect", cluster.endpoint)
        #expect(
          unknown.exitCode == 66 && unknown.output.contains("nobody"),
          "\(command): \(unknown.exitCode) \(unknown.output)")
      }
      try cluster.startWorker(1)
      #expect(try cluster.end(of: job) == "completed", "nothing of this disturbed the first")
    }

    @Test func aCoordinatorThatIsNotThereIsWaitedForByWorkersOnly() throws {
      let cluster = try TestCluster()
      let worker = try cluster.startWorker(1)
      let client = try cluster.command("jobs", "--connect", cluster.endpoint)
      #expect(client.exitCode == 69 && client.output.contains("No coordinator answers at \(cluster.endpoint)"))
      try worker.prints("waiting for a coordinator")
      #expect(worker.isRunning)
      try cluster.startCoordinator()
      try worker.prints("joined")
    }

    @Test func aFailingWorkloadFailsItsTaskAndItsWorkerGoesOn() throws {
      let cluster = try TestCluster()
      try cluster.folder.write(
        "x,twice,y\n" + (1...9).reduce("") { $0 + "\($1),\(2 * $1),\($1 * $1)\n" }, as: "line.csv")
      let job = Job(
        "collinear",
        """
        kind: chains
        retries: 1
        data: {file: line.csv, target: y, testFraction: 0.2}
        model: {type: linear, coefficientScale: flat}
        chains: 2
        """)
      try cluster.start(workers: 1)
      try cluster.submit(job)
      let watched = try cluster.command("watch", job.name, "--connect", cluster.endpoint)
      #expect(watched.exitCode == 1, "\(watched.output)")
      #expect(watched.output.contains("columns of the inputs are collinear: drop one"), "\(watched.output)")
      let next = Job("next", "kind: probe\ntasks: 2")
      try cluster.submit(next)
      #expect(try cluster.end(of: next) == "completed")
      #expect(cluster.workers[1]?.isRunning == true)
    }

    @Test func anotherVersionIsRefusedByBothSides() throws {
      let folder = try TemporaryFolder()
      let router = try Socket(.router, try Context())
      try router.bind("tcp://127.0.0.1:*")
      let endpoint = try router.lastEndpoint
      let worker = try RunningProcess([Programs.worker, "--connect", endpoint], output: "\(folder.path)/worker.log")
      let client = try RunningProcess(
        [Programs.tributary, "jobs", "--connect", endpoint], output: "\(folder.path)/client.log")
      try eventually("the end of both") {
        while let message = try router.receive() {
          let answer = [Array("TRIBUTARY/9".utf8), Array("welcome".utf8), Array("{}".utf8)]
          _ = try router.send(Message(answer, to: message.routingID))
        }
        return worker.isRunning || client.isRunning ? nil : true
      }
      for process in [worker, client] {
        #expect(process.exitCode == 76, "\(process.output)")
        #expect(process.output.contains("install the same version on all hosts"), "\(process.output)")
      }
    }
  }
}
