import Datasets
import Formats
import Networks
import Runtime
import Specification
import Tensors

/// Trains one stage of a cascade on the data alone, segment by segment.
struct StageWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try CascadeJob(task)
    let stage = try job.stage(task.index)
    let captions = try job.cascade.text.map { try CaptionEmbeddings(task, tokens: $0.tokens) }
    let network = try StageNetwork(job.cascade, stage: task.index, task, textWidth: captions?.width)
    let weights = try stage.weights.flatMap(task.input)
    guard stage.steps > 0 else { return try pass(weights, through: network, stage, task) }
    let pictures = try job.pictures(task)
    try pictures.require(job.cascade.condition)
    let (training, heldOut) = try job.split(pictures)
    let data = StageData(
      stage, pictures, indices: training, lowResolution: job.cascade.lowResolution(of: task.index),
      key: job.key(of: stage))
    let run = try StageTraining(
      stage, network, data, captions, key: job.key(of: stage), weights: weights, checkpoint: task.checkpoint)
    var progress = StepProgress(phase: stage.name, total: stage.steps)
    for segment in task.segments..<stage.segments {
      while run.step < stage.steps(after: segment + 1) {
        try run.advance()
        if let news = progress.after(run.step, figures: Self.figures(run.metrics)) { try task.report(news) }
        if run.step < stage.steps(after: segment + 1) { try task.pauseIfAsked(run.checkpoint) }
      }
      let isLast = segment == stage.segments - 1
      var files = [
        stage.file("ema.safetensors"): try run.averagedWeights()[0], stage.file("metrics.jsonl"): run.metrics.lines,
      ]
      if segment == 0 {
        files[stage.file("config.json")] = network.configuration
        files[stage.file("skipped.txt")] = Self.text(about: pictures.skipped)
      }
      if isLast { files.merge(try last(run, data, heldOut, job.key(of: stage))) { $1 } }
      try task.commit(Segment(files: files, checkpoint: isLast ? nil : try run.checkpoint()), isLast: isLast)
    }
  }

  /// Weights that are given and not trained any more are the stage's.
  private func pass(
    _ weights: [UInt8]?, through network: StageNetwork, _ stage: StageSpecification, _ task: TaskContext
  ) throws {
    guard let weights else { throw WorkloadError("The weights of the stage \(stage.name) did not come with the job.") }
    let parameters = try ParameterSet(weights: Safetensors(bytes: weights), of: network.parameterShapes)
    var files = [stage.file("ema.safetensors"): try parameters.safetensors().encoded()]
    files[stage.file("config.json")] = network.configuration
    try task.commit(Segment(files: files), isLast: true)
  }

  private static func figures(_ metrics: TrainingMetrics) -> [TaskProgress.Figure] {
    [.init("loss", metrics.loss), .init("gradient", metrics.gradientNorm)]
  }

  private static func text(about faults: [ImageSet.Fault]) -> [UInt8]? {
    guard !faults.isEmpty else { return nil }
    return Array(faults.map { "\($0.name)\t\($0.reason)\n" }.joined().utf8)
  }

  /// What the last segment brings besides: the weights as they are, further averages, and the loss on pictures held out.
  private func last(
    _ run: StageTraining, _ data: StageData, _ heldOut: [Int], _ key: RandomKey
  ) throws -> [String: [UInt8]] {
    var files = [run.stage.file("weights.safetensors"): try run.weights()]
    for (number, average) in try run.averagedWeights().enumerated().dropFirst() {
      files[run.stage.file("ema-\(number).safetensors")] = average
    }
    guard !heldOut.isEmpty else { return files }
    let fractions = (0..<10).map { (Double($0) + 0.5) / 10 }
    let batch = try data.batch(of: Array(heldOut.prefix(64)))
    let losses = try run.validationLosses(of: batch, fractions: fractions, key: key.purpose("validation"))
    let lines = zip(fractions, losses).map { fraction, loss in
      "{\"noise\": \(TrainingMetrics.text(fraction)), \"loss\": \(TrainingMetrics.text(loss))}\n"
    }
    files[run.stage.file("validation.jsonl")] = Array(lines.joined().utf8)
    return files
  }
}

extension StageNetwork {
  /// The network of a stage, described by the job and the files that came with it.
  init(_ cascade: CascadeSpecification, stage: Int, _ task: TaskContext, textWidth: Int?) throws {
    var config: [UInt8]?
    if case .config(let path) = cascade.stages[stage].network { config = try task.input(path) }
    try self.init(cascade, stage: stage, config: config, textWidth: textWidth)
  }
}
