import Datasets
import Formats
import Runtime
import Specification
import Tensors

/// Takes one batch of pictures through one stage.
struct SampleWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try CascadeJob(task)
    guard let position = job.cascade.stages.indices.first(where: { job.cascade.samplingGroup(of: $0) == job.group }),
      let batch = SamplingBatches(job.cascade)[task.index]
    else { throw WorkloadError("The cascade has no batch \(task.index) of \(job.group).") }
    let stage = job.cascade.stages[position]
    let captions = try job.cascade.text.map { try CaptionEmbeddings(task, tokens: $0.tokens) }
    let sampler = try StageSampler(
      job.cascade, stage: position, task, weights: try task.required(stage.file("ema.safetensors")), captions: captions,
      key: job.key(batch.purpose == .samples ? "samples" : "evaluation"))
    var request = StageSampler.Request(numbers: Array(batch.pictures))
    switch batch.purpose {
    case .samples: try request.condition(on: job.cascade.samples)
    case .evaluation(let guidance): try request.condition(asIn: job, guidance: guidance) { try job.pictures(task) }
    }
    if position > 0 {
      request.low = try DrawnPictures(batch, job.cascade.stages[position - 1], job.cascade).read(task)
    }
    var progress = StepProgress(phase: "sampling", total: try sampler.steps())
    let samples = try sampler.draw(request, checkpoint: task.checkpoint) { step, checkpoint in
      if let news = progress.after(step) { try task.report(news) }
      try task.pauseIfAsked(checkpoint)
    }
    try task.commit(
      Segment(files: try DrawnPictures(batch, stage, job.cascade).files(samples)), isLast: true)
  }
}

extension StageSampler.Request {
  /// Captions or classes as the job says, so many pictures of each.
  mutating func condition(on samples: SamplesSpecification?) throws(WorkloadError) {
    guard let samples else { throw WorkloadError("The job draws no samples.") }
    if !samples.prompts.isEmpty {
      captions = numbers.map { samples.prompts[$0 / samples.count % samples.prompts.count] }
    }
    if !samples.classes.isEmpty {
      classes = numbers.map { samples.classes[$0 / samples.count % samples.classes.count] }
    }
  }

  /// Conditions of the data: classes in turn, or captions of the pictures that no stage has seen.
  mutating func condition(
    asIn job: CascadeJob, guidance: Double?, pictures: () throws -> ImageSet
  ) throws {
    self.guidance = guidance
    switch job.cascade.condition {
    case .none: break
    case .classes(let count): classes = numbers.map { $0 % count }
    case .text:
      let pictures = try pictures()
      let (training, heldOut) = try job.split(pictures)
      let chosen = heldOut.isEmpty ? training : heldOut
      captions = numbers.map { pictures.caption(at: chosen[$0 % chosen.count]) ?? "" }
    }
  }
}
