import Foundation
import Glibc
import Messaging
import TestSupport
import Testing

extension EndToEndTests {
  /// Without a key on the list a peer gets nothing (G7).
  @Suite struct KeyTests {
    @Test func onlyKeysOnTheListGetAnything() throws {
      let cluster = try TestCluster()
      let keys = try Keys(in: cluster.folder, allowed: ["worker", "laptop"], strangers: ["stranger"])
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

/// Key files of a coordinator and its peers, made by `tributary keygen`.
struct Keys {
  private let folder: String

  init(in folder: TemporaryFolder, allowed: [String], strangers: [String] = []) throws {
    self.folder = folder.path
    try FileManager.default.createDirectory(atPath: "\(folder.path)/allowed", withIntermediateDirectories: false)
    for name in ["coordinator"] + allowed + strangers {
      let process = try RunningProcess(
        [Programs.tributary, "keygen", "\(folder.path)/\(name)"], output: "\(folder.path)/keygen.log")
      guard try process.end() == 0 else { throw TestError("keygen: \(process.output)") }
    }
    for name in allowed {
      try FileManager.default.copyItem(
        atPath: "\(folder.path)/\(name).key", toPath: "\(folder.path)/allowed/\(name).key")
    }
  }

  var coordinatorOptions: [String] {
    ["--secret-key", "\(folder)/coordinator.secret", "--allowed-keys", "\(folder)/allowed"]
  }

  /// Options of a worker or client that has a key pair.
  func options(of name: String) -> [String] {
    ["--secret-key", "\(folder)/\(name).secret", "--server-key", "\(folder)/coordinator.key"]
  }
}
