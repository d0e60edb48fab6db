import Formats
import Foundation
import Runtime
import Specification
import Workloads

/// What coordination costs two stages that train at the same time: two workers under a coordinator, through a shared store,
/// take turns with two processes that know of no coordinator, commit nothing and do exactly the same steps.
///
/// Counted from the end of a stage's first segment to the end of its last step, so no start is in it, but every commit is.
enum CascadeStages {
  private static let rounds = 3

  /// Seconds of each stage, in the order of the job.
  private typealias Times = [Double]

  static func measure(in folder: String) throws {
    let job = CascadeBenchmarkJob(isShort: CommandLine.arguments.contains("--short"))
    var (alone, coordinated): ([Times], [Times]) = ([], [])
    for round in 0..<rounds {
      // Each round in a new folder, where no blob of another one spares a worker its writing.
      let place = "\(folder)/cascade-\(round)"
      let cluster = try Cluster(in: place)
      defer { cluster.stop() }
      let path = try job.write(to: place)
      alone.append(try trainAlone(job, path, in: place))
      coordinated.append(try train(job, path, on: cluster))
      for stage in job.stages.map(\.name) {
        let weights = try ["lone-\(stage).safetensors", "store/jobs/cascade/stages/\(stage)/weights.safetensors"].map {
          try Data(contentsOf: URL(fileURLWithPath: "\(place)/\($0)"))
        }
        guard weights[0] == weights[1] else { throw OtherWeights(stage: stage) }
      }
    }
    report(job, alone, coordinated)
  }

  private static func report(_ job: CascadeBenchmarkJob, _ alone: [Times], _ coordinated: [Times]) {
    func rate(_ times: Times) -> Double {
      zip(job.stages, times).reduce(0) { $0 + Double($1.0.timedSteps * job.batch) / $1.1 }
    }
    let note = "median of \(alone.count) rounds; longest stage \(rounded(alone.flatMap(\.self).max() ?? 0)) s"
    Figure(
      name: "two stages in two processes on their own", value: Sample(alone.map(rate)).median, unit: "images/s",
      note: note
    ).print()
    Figure(
      name: "two stages on two workers under a coordinator", value: Sample(coordinated.map(rate)).median,
      unit: "images/s", note: "a commit every \(job.stages.map(\.segment)) steps, hashed, fsynced and published"
    ).print()
    let ratios = Sample(zip(coordinated, alone).map { rate($0) / rate($1) })
    Figure(
      name: "two stages, under a coordinator over on their own", value: ratios.median, unit: "", bar: .atLeast(0.97),
      note:
        "median of alternated rounds, from \(rounded(ratios.least)) to \(rounded(ratios.most)); the weights are the same"
    ).print()
  }

  /// Trains both stages at the same time, each by a process of its own.
  private static func trainAlone(_ job: CascadeBenchmarkJob, _ path: String, in folder: String) throws -> Times {
    try secondsAlone(job.stages.indices.map { [LoneStage.word, path, "\($0)"] })
  }

  /// Trains both stages at the same time as a user does.
  private static func train(_ job: CascadeBenchmarkJob, _ path: String, on cluster: Cluster) throws -> Times {
    for number in 1...2 { try cluster.startWorker("worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    try cluster.run(path, "cascade", client, every: 0.5)
    // A commit's files are written in the order of their names. The configuration comes with the first one only.
    return try job.stages.map { stage in
      let files = "\(cluster.store)/jobs/cascade/stages/\(stage.name)"
      return try secondsWritten("\(files)/metrics.jsonl") - secondsWritten("\(files)/config.json")
    }
  }

  /// The two ways have not done the same.
  private struct OtherWeights: Error { let stage: String }
}

/// The training of one stage in a process of its own, for which the benchmarks' program starts itself again.
struct LoneStage {
  static let word = "train-alone"
  private let path: String
  private let stage: Int

  /// The stage that a command line asks for; nil if it asks for something else.
  init?(arguments: [String]) {
    guard arguments.count == 4, arguments[1] == Self.word, let stage = Int(arguments[3]) else { return nil }
    (path, self.stage) = (arguments[2], stage)
  }

  /// Trains, prints the seconds from the end of the first segment to that of the last step, and keeps the weights.
  func train() throws {
    Workshop.complete.prepare(1)
    let file = URL(fileURLWithPath: path)
    let folder = file.deletingLastPathComponent()
    let job = try JobSpecification(yaml: try Data(contentsOf: file), file: path)
    var files: [String: [UInt8]] = [:]
    for input in job.inputs {
      files[input.path] = Array(try Data(contentsOf: folder.appendingPathComponent(input.path)))
    }
    let training = try StageTraining(alone: job, stage: stage, files: files)
    while training.step < training.stage.segment { try training.advance() }
    let seconds = try elapsed { while training.step < training.stage.steps { try training.advance() } }
    let weights = folder.appendingPathComponent("lone-\(training.stage.name).safetensors")
    try Data(try training.weights()).write(to: weights)
    print(seconds)
  }
}

/// A cascade of two stages on grey pictures, of 16 and of 32 pixels, which take about as long as each other.
private struct CascadeBenchmarkJob {
  struct Stage {
    let name: String
    let resolution: Int
    let channels: Int
    /// Steps between two commits.
    let segment: Int

    static let segments = 4
    /// Steps after the first segment.
    var timedSteps: Int { (Self.segments - 1) * segment }
  }

  let batch = 32
  let stages: [Stage]

  init(isShort: Bool) {
    let part = isShort ? 10 : 1
    stages = [
      Stage(name: "base", resolution: 16, channels: 64, segment: 30 / part),
      Stage(name: "large", resolution: 32, channels: 32, segment: 20 / part),
    ]
  }

  /// Writes the job and its pictures.
  /// - Returns: Path of the job file.
  func write(to folder: String) throws -> String {
    try Data(Self.pictures).write(to: URL(fileURLWithPath: "\(folder)/pictures.idx"))
    let text = stages.map { stage in
      """
        - name: \(stage.name)
          resolution: \(stage.resolution)
          network: {type: unet, channels: \(stage.channels), multipliers: [1, 2], blocks: 1, headWidth: 32}
          optimizer: {type: adamW, rate: 1e-4}
          batch: \(batch)
          steps: \(Stage.segments * stage.segment)
          segment: \(stage.segment)
      """
    }
    let yaml = """
      kind: cascade
      data: {images: pictures.idx, channels: 1, validation: 0}
      stages:
      \(text.joined(separator: "\n"))
      """
    let path = "\(folder)/cascade.yaml"
    try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// An idx file of 512 pictures of waves.
  private static var pictures: [UInt8] {
    let (count, size) = (512, 32)
    let pixels = (0..<count * size * size).map { place in
      let (picture, y, x) = (Double(place / (size * size)), Double(place / size % size), Double(place % size))
      return UInt8(127.5 + 127 * sin(picture + x * (0.1 + picture / 2000)) * cos(y * 0.2))
    }
    return IDXArray(pixels, shape: [count, size, size]).file
  }
}
