import Formats
import Foundation
import Runtime
import Specification
import Tensors

/// Draws a few pictures with the whole cascade from the newest weights of its stages, as far as they have any.
struct PreviewWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try CascadeJob(task)
    guard let preview = job.cascade.preview else { throw WorkloadError("The job has no previews.") }
    let captions = try job.cascade.text.map { try CaptionEmbeddings(task, tokens: $0.tokens) }
    var request = StageSampler.Request(numbers: Array(0..<preview.samples.total))
    try request.condition(on: preview.samples)
    var files: [String: [UInt8]] = [:]
    for (position, stage) in job.cascade.stages.enumerated() {
      // A stage that has committed nothing yet ends the preview.
      guard let weights = try task.artifact(stage.file("ema.safetensors")) else { break }
      let sampler = try StageSampler(
        job.cascade, stage: position, task, weights: weights, captions: captions, key: job.key("preview"))
      var progress = StepProgress(phase: "preview \(stage.name)", total: try sampler.steps())
      let samples = try sampler.draw(request, checkpoint: nil) { step, _ in
        if let news = progress.after(step) { try task.report(news) }
      }
      let name = "run/previews/\(DrawnPictures.padded(task.index))-\(stage.name).png"
      files[name] = try Gallery.grid(samples, stage, job.cascade, preview.samples)
      request.low = samples
    }
    guard !files.isEmpty else { throw WorkloadError("No stage has committed weights yet.") }
    try task.commit(Segment(files: files), isLast: true)
  }
}
