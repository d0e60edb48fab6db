import ArgumentParser
import Foundation
import Runtime
import Specification
import Store

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draws pictures with the stages of a cascade, of a job that runs or has ended.",
    discussion: """
      Takes the newest weights that each stage has committed and submits a job that draws with them, in its own folder. \
      Without --connect, a coordinator and workers are started for it on this machine, as by `tributary run`.
      """)

  @Argument(help: "Name of the cascade's job.")
  var job: String

  @Option(help: "A caption to draw; can be given several times.")
  var prompt: [String] = []

  @Option(name: .customLong("class"), help: "A class to draw; can be given several times. By default all.")
  var classes: [Int] = []

  @Option(help: "Pictures of each caption or class.")
  var count = 8

  @Option(help: "Guidance of all stages; by default what the job says for each.")
  var guidance: Double?

  @Option(help: "Steps of sampling in all stages; by default what the job says for each.")
  var steps: Int?

  @Option(help: "Seed; another one draws other pictures. By default that of the job.")
  var seed: UInt64?

  @Option(help: "Pictures of a task.")
  var batch = 16

  @OptionGroup var derived: DerivedJobOptions

  func validate() throws {
    guard (1...100_000).contains(count), (1...4096).contains(batch) else {
      throw ValidationError("--count must be from 1 to 100000, --batch from 1 to 4096.")
    }
    guard (0...1000).contains(guidance ?? 0), (1...100_000).contains(steps ?? 1) else {
      throw ValidationError("--guidance must be from 0 to 1000, --steps from 1 to 100000.")
    }
    guard prompt.isEmpty || classes.isEmpty else { throw ValidationError("Give either --prompt or --class.") }
  }

  func run() throws {
    let samples = SamplesSpecification(prompts: prompt, classes: classes, count: count, batch: batch)
    try derived.run(from: job, suffix: "samples") { name in
      SamplingJob(name: name, seed: seed, samples: samples, guidance: guidance, steps: steps)
    }
  }
}

/// A job that is made from another one, and where it runs.
struct DerivedJobOptions: ParsableArguments {
  @Option(help: "Name of the new job; by default that of the cascade's with a number.")
  var name: String?

  @Option(help: "Worker processes; by default as many as have the cores that each task needs.")
  var workers: Int?

  @Option(help: "The worker program; by default the one beside this program.", completion: .file())
  var workerProgram: String?

  @OptionGroup var origin: JobOrigin

  func validate() throws {
    guard (1...256).contains(workers ?? 1) else { throw ValidationError("--workers must be from 1 to 256.") }
  }

  /// Runs the job, and shows its progress and what it found.
  func run(from other: String, suffix: String, _ describe: (_ name: String) -> SamplingJob) throws {
    try ProcessEnd.reporting {
      let stopSignal = try StopSignal()
      let signals = TerminationSignals(requesting: stopSignal)
      defer { signals.ignore() }
      let cluster = origin.connect == nil ? try localCluster(of: other) : nil
      defer { cluster?.stop() }
      let client = try origin.client() ?? Client(endpoint: cluster?.endpoint ?? "")
      let name = try name ?? Self.freeName("\(other)-\(suffix)", client)
      let submission = try Self.submission(describe(name), from: other, client)
      try submission.submit(to: client)
      print("submitted \(submission.name), which draws with the newest weights of \(other)")
      try JobWatcher(client: client, job: submission.name, stopSignal: stopSignal, cluster: cluster).follow()
    }
  }

  private func localCluster(of other: String) throws -> LocalCluster {
    let path = origin.path(of: "job.yaml", in: other)
    guard let yaml = try? DurableFile.read(path) else {
      throw CommandError(
        "The store \(origin.store) has no job \(other). Name its folder with --store, or give --connect.", exitCode: 66)
    }
    let needs = try JobSpecification(yaml: yaml, file: path).needs
    let fitting = min(256, max(1, ProcessInfo.processInfo.activeProcessorCount / needs.cores))
    return try LocalCluster(
      store: origin.store, workers: workers ?? fitting, offering: needs, workerProgram: workerProgram)
  }

  private static func freeName(_ wanted: String, _ client: Client) throws -> String {
    let taken = Set(try client.jobs().map(\.name))
    return try (1...).lazy.map { "\(wanted)-\($0)" }.first { !taken.contains($0) }
      ?? { throw CommandError("Name the new job with --name.", exitCode: 64) }()
  }

  /// The new job with all that it is given: the other's inputs, and the newest weights of its stages.
  private static func submission(_ new: SamplingJob, from other: String, _ client: Client) throws -> Submission {
    let yaml = String(decoding: try client.artifact("job.yaml", of: other), as: UTF8.self)
    let specification = try JobSpecification(yaml: yaml, file: "\(other).yaml")
    let text = try new.yaml(from: yaml, file: "\(other).yaml") { "\(other)/stages/\($0)/ema.safetensors" }
    guard case .cascade(let cascade) = specification.work else {
      return try Submission(name: new.name, yaml: text, stored: [:])
    }
    var stored: [String: Digest] = [:]
    for input in specification.inputs { stored[input.path] = try client.digest(of: input.path, in: other) }
    for stage in cascade.stages {
      let file = stage.file("ema.safetensors")
      do {
        stored["\(other)/\(file)"] = try client.digest(of: file, in: other)
      } catch let error as ClientError where error.code == .missing {
        throw CommandError(
          "The stage \(stage.name) of \(other) has committed no weights yet. Try again after its first segment.",
          exitCode: 66)
      }
    }
    return try Submission(name: new.name, yaml: text, stored: stored)
  }
}
