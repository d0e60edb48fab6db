import Foundation
import Glibc
import HostilePeers
import Messaging
import Store
import TestSupport
import Testing

extension EndToEndTests {
  /// Without a key on the list a peer gets nothing (G7).
  @Suite struct KeyTests {
    @Test func onlyKeysOnTheListGetAnything() throws {
      let cluster = try TestCluster()
      let keys = try Keys(in: cluster.folder, workers: ["worker"], clients: ["laptop"], strangers: ["stranger"])
      cluster.coordinatorOptions = keys.coordinatorOptions
      cluster.workerOptions = keys.options(of: "worker")
      try cluster.start(workers: 1)
      let job = try cluster.folder.write("kind: probe\ntasks: 20\nbytes: 1000", as: "job.yaml")
      let connection = ["--connect", cluster.endpoint]
      func tributary(_ arguments: [String], as name: String? = nil) throws -> (exitCode: Int32, output: String) {
        let process = try RunningProcess(
          [Programs.tributary] + arguments + connection + (name.map(keys.options) ?? []),
          output: "\(cluster.folder.path)/\(UUID().uuidString).log")
        return (try process.end(), process.output)
      }

      #expect(try tributary(["submit", job], as: "laptop").exitCode == 0)
      let watched = try tributary(["watch", "job"], as: "laptop")
      #expect(watched.exitCode == 0 && watched.output.contains("job completed"), "\(watched.output)")

      for arguments in [["submit", job, "--name", "theirs"], ["jobs"], ["cancel", "job"]] {
        let refused = try tributary(arguments, as: "stranger")
        #expect(refused.exitCode == 77 && refused.output.contains("does not know this key"), "\(refused.output)")
        let plain = try tributary(arguments)
        #expect(plain.exitCode == 77 && plain.output.contains("--secret-key"), "\(plain.output)")
      }
      for (number, options) in [(2, keys.options(of: "stranger")), (3, [])] {
        cluster.workerOptions = options
        let worker = try cluster.startWorker(number)
        #expect(try worker.end() == 77, "\(worker.output)")
        #expect(worker.output.contains(number == 2 ? "does not know this key" : "--secret-key"), "\(worker.output)")
      }
      #expect(
        try tributary(["workers"], as: "laptop").output.split(separator: "\n").count == 2, "a title and one worker")
      #expect(try tributary(["jobs"], as: "laptop").output.contains("theirs") == false)
      try cluster.coordinator?.prints("refused a connection")
    }

    @Test func aKeyAllowsWhatItsRoleSays() throws {
      let cluster = try TestCluster()
      let keys = try Keys(in: cluster.folder, workers: ["worker"], clients: ["laptop"])
      keys.use(in: cluster, client: "laptop")
      try cluster.startCoordinator()
      let job = Job("job", "kind: probe\ntasks: 3\nbytes: 10")
      let file = try cluster.folder.write(job.yaml, as: "theirs.yaml")
      for arguments in [["submit", file], ["jobs"], ["status", "job"], ["workers"], ["cancel", "job"]] {
        let refused = try cluster.command(arguments + ["--connect", cluster.endpoint] + keys.options(of: "worker"))
        #expect(refused.exitCode == 77, "\(refused.output)")
        #expect(refused.output.contains("keygen NAME --role client"), "\(refused.output)")
      }
      cluster.workerOptions = keys.options(of: "laptop")
      let worker = try cluster.startWorker(1)
      #expect(try worker.end() == 77, "\(worker.output)")
      #expect(worker.output.contains("keygen NAME --role worker"), "\(worker.output)")

      // A client stores its inputs, and cannot claim anything with them.
      let client = try HostilePeer(cluster.endpoint, security: keys.security(of: "laptop"))
      try client.send("put", "{\"digest\":\"\(Digest(of: [7]))\",\"size\":1,\"offset\":0}", payload: [7])
      try client.next("stored")
      for (type, body) in [("commits", "{\"reports\":[]}"), ("heartbeat", "{\"progress\":[]}"), ("goodbye", "{}")] {
        try client.send(type, body)
        let refused = try client.next("refused", "unknown")
        #expect(String(decoding: refused.body, as: UTF8.self).contains("\"code\":\"role\""))
      }
      cluster.workerOptions = keys.options(of: "worker")
      try cluster.startWorker(2)
      try cluster.submit(job)
      #expect(try cluster.end(of: job) == "completed")
      #expect(try cluster.client().jobs().map(\.name) == ["job"])
    }

    @Test func aRevokedKeyIsCutOffAndItsTaskGoesOnElsewhere() throws {
      let job = Job("job", "kind: probe\ntasks: 2\nbytes: 10")
      let cluster = try TestCluster()
      let keys = try Keys(in: cluster.folder, workers: ["worker", "beta", "evil"], clients: ["laptop"])
      keys.use(in: cluster, client: "laptop")
      try cluster.startCoordinator()
      try cluster.submit(job)
      let peer = try HostilePeer(cluster.endpoint, security: keys.security(of: "evil"))
      try peer.send("hello", #"{"worker":"evil","slots":2,"host":"evil","processID":1,"holding":[]}"#)
      try peer.next("dispatch")
      try keys.revoke("evil")
      let refused = try peer.next("refused")
      #expect(String(decoding: refused.body, as: UTF8.self).contains("\"code\":\"revoked\""))
      // Its connection still stands for a moment: what comes through it is not read any more.
      for task in 0..<2 {
        let commit = #"{"lease":"1.0.\#(task)@1","segment":0,"isLast":true}"#
        try peer.send("commits", #"{"reports":[{"commit":\#(commit)}]}"#)
      }
      try peer.send("hello", #"{"worker":"evil","slots":2,"host":"evil","processID":1,"holding":["1.0.0@1"]}"#)
      #expect(try peer.types(within: .seconds(2)) == [], "it is told once, and then nothing more")
      try cluster.coordinator?.prints("key not on the list")
      let status = try #require(try cluster.status(of: job))
      #expect(status.summary.completed == 0)
      #expect(try cluster.client().workers().isEmpty)

      cluster.workerOptions = keys.options(of: "beta")
      let worker = try cluster.startWorker(1)
      try cluster.expect(job, toEqual: try job.undisturbed())
      try keys.revoke("beta")
      #expect(try worker.end() == 77, "\(worker.output)")
      #expect(worker.output.contains("no longer on the coordinator's list"), "\(worker.output)")
    }

    /// Every key of a running cluster is replaced, one after the other, and the job does not notice.
    @Test func keysRotateUnderLoad() throws {
      let job = Job.largeBlobs
      let cluster = try TestCluster(hidesStore: Programs.canMount)
      let keys = try Keys(in: cluster.folder, workers: ["old-1", "old-2"], clients: ["laptop"])
      keys.use(in: cluster, client: "laptop")
      try cluster.startCoordinator()
      for number in 1...2 {
        cluster.workerOptions = keys.options(of: "old-\(number)") + ["--name", "worker-\(number)"]
        try cluster.startWorker(number)
      }
      try cluster.submit(job)
      try eventually("a commit") { try cluster.status(of: job)?.tasks.first { $0.segments > 0 } }

      // A list that cannot be read changes nothing, and says where it is wrong.
      let broken = try cluster.folder.write("nonsense\n", as: "allowed/broken.key")
      try cluster.coordinator?.prints("broken.key:1")
      #expect(try cluster.client().workers().count == 2)
      try FileManager.default.removeItem(atPath: broken)

      for number in 1...2 {
        try keys.make("new-\(number)", role: "worker")
        try keys.allow("new-\(number)")
        let old = try #require(cluster.workers[number])
        old.signal(SIGTERM)
        #expect(try old.end() == 0, "\(old.output)")
        try cluster.coordinator?.prints("added=new-\(number)")
        cluster.workerOptions = keys.options(of: "new-\(number)") + ["--name", "worker-\(number)"]
        try cluster.startWorker(number)
        try keys.revoke("old-\(number)")
        try cluster.coordinator?.prints("removed=old-\(number)")
      }
      try cluster.expect(job, toEqual: try Reference.largeBlobs.get())
      #expect(cluster.workers.values.allSatisfy { $0.isRunning })
    }

    @Test func anOpenAddressNeedsKeys() throws {
      let folder = try TemporaryFolder()
      let port = try Programs.freePort()
      let command = [
        Programs.tributary, "coordinator", "--listen", "tcp://0.0.0.0:\(port)", "--store", "\(folder.path)/store",
      ]
      let refused = try RunningProcess(command, output: "\(folder.path)/refused.log")
      #expect(try refused.end() == 78)
      #expect(refused.output.contains("keys are needed") && refused.output.contains("tributary keygen"))
      let insecure = try RunningProcess(command + ["--insecure"], output: "\(folder.path)/insecure.log")
      try insecure.prints("listening")
      insecure.signal(SIGTERM)
      #expect(try insecure.end() == 0)
    }
  }
}
