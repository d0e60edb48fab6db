import Foundation
import Store
import TestSupport
import Testing

extension EndToEndTests {
  /// A job that has failed for a reason which is mended goes on where it was.
  @Suite struct RetryTests {
    @Test func aFailedJobGoesOnAfterItsLastCommits() throws {
      let job = Job("nuts", Job.nuts.yaml.split(separator: "\n").dropFirst().joined(separator: "\n") + "\nretries: 0")
      let cluster = try TestCluster()
      cluster.coordinatorOptions = ["--garbage-age", "1s"]
      try cluster.start(workers: 1)
      try cluster.submit(job)
      let running = try eventually("commits; \(cluster.logs)") {
        try cluster.status(of: job)?.tasks.first { $0.state == "running" && $0.segments > 1 }
      }
      #expect(try retry("nuts", on: cluster).exitCode == 75)
      cluster.workers[1]?.crash()
      // What the chain would go on from is out of reach.
      let blobs = "\(cluster.store)/blobs/sha256"
      try FileManager.default.moveItem(atPath: blobs, toPath: "\(blobs)-hidden")
      try FileManager.default.createDirectory(atPath: blobs, withIntermediateDirectories: false)
      try cluster.startWorker(2)
      #expect(try cluster.end(of: job) == "failed")
      let failed = try #require(try cluster.status(of: job)?.tasks.filter { $0.state == "failed" })
      #expect(failed.map(\.index) == [running.index] && failed[0].segments >= running.segments)
      try merge("\(blobs)-hidden", into: blobs)
      // A failed job keeps what it would go on from, whatever garbage is collected.
      let stray = try BlobStore(storeFolder: cluster.store).put([1, 2, 3])
      try eventually("a search for garbage; \(cluster.logs)") {
        try BlobStore(storeFolder: cluster.store).contains(stray) ? nil : true
      }

      let again = try retry("nuts", on: cluster)
      #expect(again.exitCode == 0 && again.output == "trying 1 task of nuts again\n", "\(again.output)")
      let (results, reference) = (try cluster.results(of: job), try Reference.nuts.get())
      #expect(results.differences(from: reference) == ["job.yaml has other bytes"])
      let ended = try retry("nuts", on: cluster)
      #expect(ended.exitCode == 75 && ended.output.contains("nuts is completed"), "\(ended.output)")
      #expect(try retry("nits", on: cluster).exitCode == 66)
    }

    private func retry(_ job: String, on cluster: TestCluster) throws -> (exitCode: Int32, output: String) {
      try cluster.command("retry", job, "--connect", cluster.endpoint)
    }

    /// Moves the files of shards beside those that have come meanwhile.
    private func merge(_ folder: String, into other: String) throws {
      let files = FileManager.default
      for shard in try files.contentsOfDirectory(atPath: folder) {
        try files.createDirectory(atPath: "\(other)/\(shard)", withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: "\(folder)/\(shard)")
        where !files.fileExists(atPath: "\(other)/\(shard)/\(name)") {
          try files.moveItem(atPath: "\(folder)/\(shard)/\(name)", toPath: "\(other)/\(shard)/\(name)")
        }
      }
    }
  }
}
