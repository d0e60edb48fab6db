import Formats
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
  /// What is wrong with a cascade's inputs is said with what to do, or left out and counted as the job says.
  @Suite struct CascadeInputTests {
    private static let header = """
      kind: cascade
      stages:
        - name: base
          resolution: 8
          network: {type: unet, channels: 8, multipliers: [1, 2], blocks: 1, groups: 4}
          batch: 2
          steps: 2

      """

    /// A folder of two pictures and a third that is cut off, two of them with captions.
    private func pictures(in folder: TemporaryFolder) throws {
      let tiny = try TinyCascade()
      let png = try Image(width: 8, height: 8, channels: 1, pixels: [UInt8](repeating: 128, count: 64)).png()
      try FileManager.default.createDirectory(atPath: "\(folder.path)/pictures", withIntermediateDirectories: false)
      for (name, bytes) in [("a.png", png), ("b.png", png), ("c.png", Array(png.prefix(40)))] {
        try Data(bytes).write(to: URL(filePath: "\(folder.path)/pictures/\(name)"))
      }
      try folder.write("file\tcaption\na.png\ta\nc.png\tc\n", as: "pictures/captions.tsv")
      try FileManager.default.copyItem(atPath: "\(tiny.folder.path)/encoder", toPath: "\(folder.path)/encoder")
      try FileManager.default.copyItem(atPath: "\(folder.path)/encoder", toPath: "\(folder.path)/hollow")
      try FileManager.default.removeItem(atPath: "\(folder.path)/hollow/model.safetensors")
    }

    @Test(arguments: [
      ("data: {folder: missing}", 66 as Int32, "missing"),
      ("data: {folder: pictures, onMissingCaption: skip}", 65, "c.png"),
      ("data: {folder: pictures, onBadImage: skip}\ntext: {encoder: encoder}", 65, "onMissingCaption: skip"),
      (
        "data: {folder: pictures, onBadImage: skip, onMissingCaption: skip}\ntext: {encoder: hollow}", 66,
        "hollow has no model.safetensors"
      ),
      ("data: {folder: pictures, onBadImage: skip, onMissingCaption: skip}\nclasses: 3", 65, "no labels"),
      (
        "data: {folder: pictures, onBadImage: skip, onMissingCaption: skip}\npreview: {every: often}", 65,
        "such as 90s, 10m or 1h"
      ),
    ])
    func aBadInputIsRefusedBeforeItIsSent(rest: String, exitCode: Int32, message: String) throws {
      let folder = try TemporaryFolder()
      try pictures(in: folder)
      let file = try folder.write(Self.header + rest + "\n", as: "job.yaml")
      let process = try RunningProcess([Programs.tributary, "validate", file], output: "\(folder.path)/log")
      #expect(try process.end() == exitCode, "\(process.output)")
      #expect(process.output.contains(message), "\(process.output)")
    }

    @Test func faultsAreSkippedAndCountedIfTheJobSaysSo() throws {
      let folder = try TemporaryFolder()
      try pictures(in: folder)
      let cluster = try TestCluster()
      try cluster.start(workers: 1)
      let job = Job(
        "skipping",
        Self.header + "data: {folder: pictures, onBadImage: skip, onMissingCaption: skip, validation: 0}")
      let file = try folder.write(job.yaml, as: "job.yaml")
      let (exitCode, output) = try cluster.command("submit", file, "--connect", cluster.endpoint)
      #expect(exitCode == 0 && output.contains("2 of the pictures are left out"), "\(output)")
      let results = try cluster.results(of: job)
      let skipped = String(decoding: try #require(results.files["stages/base/skipped.txt"]), as: UTF8.self)
      #expect(skipped.contains("b.png") && skipped.contains("c.png"), "\(skipped)")
    }

    @Test func aPromptThatIsTooLongIsNamed() throws {
      let data = try TinyCascade()
      let cluster = try TestCluster()
      try cluster.start(workers: 1)
      let long = "a dark picture a bright picture a dark picture"
      let job = data.job("long-prompt", rest: "retries: 0\nsamples: {prompts: [\"\(long)\"]}")
      try data.submit(job, to: cluster)
      #expect(try cluster.end(of: job) == "failed")
      let failure = try #require(try cluster.status(of: job)?.tasks.compactMap(\.failure).first)
      #expect(failure.contains(long) && failure.contains("6"), "\(failure)")
    }

    /// The disk fills up while stages commit checkpoints: they wait, and the results are those of a quiet run.
    @Test(.enabled(if: Programs.canMount, "mounting a small disk needs root"))
    func aCheckpointWaitsForAFullDisk() throws {
      let data = try TinyCascade()
      let job = data.job("full", steps: 28, segment: 4, rest: "")
      let quiet = try TestCluster()
      try quiet.start(workers: 1)
      try data.submit(job, to: quiet)
      let reference = try quiet.results(of: job)
      let cluster = try TestCluster()
      let disk = try SmallDisk(at: cluster.store, megabytes: 64)
      cluster.coordinatorPrefix = disk.command
      cluster.storeRoot = disk.root
      try cluster.startCoordinator()
      let worker = try cluster.startWorker(1, on: disk.command)
      try data.submit(job, to: cluster)
      try eventually("a commit; \(cluster.logs)") {
        try cluster.status(of: job)?.tasks.first { $0.group == "stage" && $0.segments > 0 }
      }
      try disk.fill()
      let coordinator = try #require(cluster.coordinator)
      try eventually("the word that the disk is full; \(cluster.logs)") {
        worker.output.contains("Free some space") || !coordinator.isRunning ? true : nil
      }
      try disk.free()
      if !coordinator.isRunning { try cluster.startCoordinator() }
      try cluster.expect(job, toEqual: reference)
    }
  }
}
