import Foundation
import Glibc
import Runtime
import TestSupport
import Testing

extension EndToEndTests {
  /// Stages of a cascade train at the same time, on workers that come and go, and nothing of that changes a byte.
  @Suite struct CascadeTests {
    private static let data = Result { try TinyCascade() }
    private static let whole = Result {
      let cluster = try TestCluster()
      try cluster.start(workers: 3)
      let data = try CascadeTests.data.get()
      let job = data.job("whole")
      try data.submit(job, to: cluster)
      try eventually("three stages at once; \(cluster.logs)") {
        let tasks = try cluster.status(of: job)?.tasks.filter { $0.group == "stage" && $0.state == "running" } ?? []
        return Set(tasks.compactMap(\.worker)).count == 3 ? true : nil
      }
      return try cluster.results(of: job)
    }

    @Test func aConcurrentCascadeEqualsEachStageTrainedAlone() throws {
      let (data, whole) = (try Self.data.get(), try Self.whole.get())
      let cluster = try TestCluster()
      try cluster.start(workers: 1)
      for stage in TinyCascade.stages {
        var weights: [String: String] = [:]
        for other in TinyCascade.stages where other != stage {
          weights[other] = "\(other).safetensors"
          try data.write(
            try #require(whole.files["stages/\(other)/ema.safetensors"]), as: "\(other).safetensors")
        }
        let job = data.job("alone-\(stage)", weights: weights, rest: "")
        try data.submit(job, to: cluster)
        let alone = try cluster.results(of: job).files.filter { $0.key.hasPrefix("stages/\(stage)/") }
        #expect(
          Set(alone.keys.map { $0.split(separator: "/").last }) == [
            "config.json", "ema.safetensors", "metrics.jsonl", "validation.jsonl", "weights.safetensors",
          ])
        for (name, bytes) in alone { #expect(bytes == whole.files[name], "\(name) is another") }
      }
      #expect(whole.files["samples/grid.png"] != nil)
      #expect(whole.files["samples/large/000003.png"] != nil)
      let lines = String(decoding: try #require(whole.files["samples/samples.jsonl"]), as: UTF8.self)
      #expect(lines.contains("\"prompt\":\"a bright picture\"") && lines.contains("\"scale\":2.0"))
    }

    @Test(arguments: [UInt64(1), 2])
    func killedProcessesChangeNoByte(seed: UInt64) throws {
      let (data, whole) = (try Self.data.get(), try Self.whole.get())
      let cluster = try TestCluster()
      try cluster.start(workers: 3)
      let job = data.job("whole")
      try data.submit(job, to: cluster)
      let crashes = try cluster.crashProcesses(during: job, turns: 8, seed: seed)
      #expect(crashes >= 4, "seed \(seed): the job ended before it was disturbed")
      try cluster.expect(job, toEqual: whole, "seed \(seed)")
    }

    @Test func aStageMovesAndTheOthersDoNotNotice() throws {
      let data = try Self.data.get()
      // Long enough to be moved, in one segment each: what moves is a pause inside it.
      let job = data.job("moving", steps: 150, segment: 150, rest: "")
      let cluster = try TestCluster()
      try cluster.start(workers: 3)
      try data.submit(job, to: cluster)
      let running = try eventually("three stages at once; \(cluster.logs)") { () -> [TaskStatus]? in
        let tasks = try cluster.status(of: job)?.tasks.filter { $0.group == "stage" && $0.progress != nil } ?? []
        return tasks.count == 3 ? tasks : nil
      }
      let moving = try #require(running.first { $0.index == 1 })
      let worker = try #require(moving.worker)
      try cluster.startWorker(4)
      #expect(try cluster.command("workers", "drain", worker, "--connect", cluster.endpoint).exitCode == 0)
      let after = try eventually("the stage elsewhere; \(cluster.logs)") { () -> [TaskStatus]? in
        let tasks = try cluster.status(of: job)?.tasks.filter { $0.group == "stage" } ?? []
        let moved = tasks.first { $0.index == 1 && $0.progress != nil }
        return moved?.worker != nil && moved?.worker != worker ? tasks : nil
      }
      let steps = try #require(after.first { $0.index == 1 }?.progress?.done)
      #expect(steps >= moving.progress?.done ?? 0, "the stage began anew at \(steps)")
      for before in running where before.index != 1 {
        let now = after.first { $0.index == before.index }
        #expect(now?.worker == before.worker || now?.state == "completed", "stage \(before.index) moved, too")
      }
      let moved = try cluster.results(of: job)
      let quiet = try TestCluster()
      try quiet.start(workers: 3)
      try data.submit(job, to: quiet)
      try quiet.expect(job, toEqual: moved)
    }

    /// Weights that newer ones have replaced are garbage, and a store without them is whole.
    @Test func onlyTheNewestWeightsAreKept() throws {
      let data = try Self.data.get()
      let job = data.job("long", steps: 40, rest: "")
      let cluster = try TestCluster()
      cluster.coordinatorOptions = ["--garbage-age", "1s"]
      try cluster.start(workers: 2)
      try data.submit(job, to: cluster)
      let results = try cluster.results(of: job)
      // Each of 30 commits has brought weights, figures and a checkpoint; what is left is what has a name, and the inputs.
      let expected = results.files.count + 3
      try eventually("a store without garbage; \(cluster.logs)", within: .seconds(60)) {
        try blobs(of: cluster) <= expected ? true : nil
      }
      cluster.crashCoordinator()
      try cluster.startCoordinator()
      try cluster.expect(job, toEqual: results)
      cluster.coordinator?.signal(SIGTERM)
      try cluster.coordinator?.end()
      let check = try cluster.command("store", "check", cluster.store)
      #expect(check.exitCode == 0, "\(check.output)")
    }

    private func blobs(of cluster: TestCluster) throws -> Int {
      let folder = "\(cluster.store)/blobs/sha256"
      return try FileManager.default.contentsOfDirectory(atPath: folder).reduce(0) { sum, shard in
        try sum + FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(shard)").count
      }
    }

    /// A cascade is sampled while it trains and after it, and its stages leave as folders for others.
    @Test func aCascadeIsSampledAndExported() throws {
      let data = try Self.data.get()
      let job = data.job("sampled", steps: 80, segment: 4, rest: "preview: {every: 4, prompts: [stripes], count: 1}")
      let cluster = try TestCluster()
      try cluster.start(workers: 3)
      try data.submit(job, to: cluster)
      try eventually("weights of all stages; \(cluster.logs)") {
        let tasks = try cluster.status(of: job)?.tasks.filter { $0.group == "stage" && $0.segments > 0 } ?? []
        return tasks.count == 3 ? true : nil
      }
      // While all workers are busy with stages.
      let running = try cluster.command(
        ["sample", "sampled", "--prompt", "stripes", "--guidance", "3", "--count", "2", "--connect", cluster.endpoint],
        within: .seconds(120))
      #expect(running.exitCode == 0, "\(running.output)")
      _ = try cluster.results(of: job)
      let previews = try FileManager.default.contentsOfDirectory(
        atPath: "\(cluster.store)/jobs/sampled/run/previews")
      #expect(previews.contains { $0.hasSuffix("large.png") }, "\(previews)")
      let ended = try cluster.command(
        ["sample", "sampled", "--prompt", "stripes", "--name", "later", "--connect", cluster.endpoint],
        within: .seconds(60))
      #expect(ended.exitCode == 0, "\(ended.output)")
      let one = try Results(jobFolder: "\(cluster.store)/jobs/sampled-samples-1")
      let two = try Results(jobFolder: "\(cluster.store)/jobs/later")
      #expect(one.files["samples/large/000001.png"] != nil && two.files["samples/large/000007.png"] != nil)
      #expect(one.files["stages/base/ema.safetensors"] != two.files["stages/base/ema.safetensors"])

      let judged = try cluster.command(
        [
          "evaluate", "sampled", "--count", "6", "--batch", "4", "--guidance", "0", "--guidance", "2",
          "--feature-steps", "10",
          "--connect", cluster.endpoint,
        ], within: .seconds(60))
      #expect(judged.exitCode == 0, "\(judged.output)")
      for word in ["compared with 19 pictures", "FID", "right of 3", "data held out"] {
        #expect(judged.output.contains(word), "\(judged.output)")
      }

      let folder = "\(cluster.folder.path)/exported"
      let export = try cluster.command("export", "sampled", "base", folder, "--store", cluster.store)
      #expect(export.exitCode == 0, "\(export.output)")
      let weights = try Data(contentsOf: URL(filePath: "\(folder)/diffusion_pytorch_model.safetensors"))
      #expect(Array(weights) == two.files["stages/base/ema.safetensors"])
      #expect(FileManager.default.fileExists(atPath: "\(folder)/config.json"))
      let unknown = try cluster.command("export", "sampled", "bse", folder, "--store", cluster.store)
      #expect(unknown.exitCode == 66 && unknown.output.contains("base, middle, large"), "\(unknown.output)")
    }
  }
}
