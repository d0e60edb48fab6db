import Datasets
import Formats
import Networks
import Runtime
import Specification
import Tensors

/// Computes the embeddings of all captions that a job has: those it learns from and those it draws.
struct CaptionsWorkload: Workload {
  /// Captions of a commit.
  private static let segment = 256

  func run(_ task: TaskContext) throws {
    let job = try CascadeJob(task)
    guard let text = job.cascade.text, let folder = try task.input(text.encoder) else {
      throw WorkloadError("The job has no text encoder.")
    }
    let files = try FileBundle(tar: folder, file: text.encoder)
    let encoder = try TextEncoder(
      files: files, name: text.encoder, tokensMax: text.tokens, longText: text.onLongCaption == .cut ? .cut : .refuse)
    let prompts = Self.prompts(of: job.cascade)
    // A prompt that is too long is refused before anything is computed, also where captions are cut.
    _ = try encoder.tokens(prompts, longText: .refuse)
    let captions = try Self.captions(job, prompts, task)
    var progress = StepProgress(phase: "captions", total: captions.count)
    let segments = (captions.count + Self.segment - 1) / Self.segment
    for segment in task.segments..<segments {
      let part = Array(captions[segment * Self.segment..<min(captions.count, (segment + 1) * Self.segment)])
      // One at a time: what is computed of a caption must not depend on how long others are.
      var (states, lengths): ([Tensor], [Int]) = ([], [])
      for (index, caption) in part.enumerated() {
        let output = try encoder.encode([caption], paddedTo: text.tokens)
        states.append(output.states)
        lengths.append(output.tokens.lengths[0])
        if let news = progress.after(segment * Self.segment + index + 1) { try task.report(news) }
      }
      let file = try CaptionEmbeddings.encoded(part, try Tensor.concatenated(states, along: 0), lengths: lengths)
      try task.commit(
        Segment(files: [CaptionEmbeddings.file(segment): file], checkpoint: []), isLast: segment == segments - 1)
    }
  }

  private static func prompts(of cascade: CascadeSpecification) -> [String] {
    (cascade.samples?.prompts ?? []) + (cascade.preview?.samples.prompts ?? [])
  }

  /// Every caption once, in the order of the alphabet: the empty one, which stands for none, those to draw, and those of the
  /// pictures if any of these is needed.
  private static func captions(_ job: CascadeJob, _ prompts: [String], _ task: TaskContext) throws -> [String] {
    var captions = Set(prompts)
    captions.insert("")
    if job.cascade.trainsAnything || job.cascade.evaluation != nil {
      let pictures = try job.pictures(task)
      guard pictures.hasCaptions else {
        throw WorkloadError("The job draws captions, and its pictures have none; see `data` in the job file.")
      }
      for index in 0..<pictures.count {
        if let caption = pictures.caption(at: index) { captions.insert(caption) }
      }
    }
    return captions.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
