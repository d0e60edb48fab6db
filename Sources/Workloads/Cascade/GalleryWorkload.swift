import Formats
import Runtime
import Specification

/// Lays out the samples of a job: a labelled grid of each stage, and a line about each picture.
struct GalleryWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try CascadeJob(task)
    guard let samples = job.cascade.samples, let last = job.cascade.stages.last else {
      throw WorkloadError("The job draws no samples.")
    }
    let all = SamplingBatches.Batch(purpose: .samples, pictures: 0..<samples.total)
    let pixels = try DrawnPictures(all, last, job.cascade).read(task)
    var files = ["samples/grid.png": try Gallery.grid(pixels, last, job.cascade, samples)]
    files["samples/samples.jsonl"] = Gallery.lines(job.cascade, samples, seed: job.seed)
    try task.commit(Segment(files: files), isLast: true)
  }
}

/// Pictures for people.
enum Gallery {
  /// Pictures of a grid at most.
  private static let picturesMax = 400

  /// A grid of samples [n, height, width, channels] as PNG, a row for each caption or class, as far as they fit.
  static func grid(
    _ pixels: [UInt8], _ stage: StageSpecification, _ cascade: CascadeSpecification, _ samples: SamplesSpecification
  ) throws -> [UInt8] {
    let size = stage.resolution * stage.resolution * cascade.data.channels
    let count = min(picturesMax, pixels.count / size)
    let images = try (0..<count).map { number in
      try Image(
        width: stage.resolution, height: stage.resolution, channels: cascade.data.channels,
        pixels: Array(pixels[number * size..<(number + 1) * size]))
    }
    let captions = (0..<count).map { label($0, cascade, samples) }
    let style = Image.GridStyle(columns: min(samples.count, 8), scale: max(1, 96 / stage.resolution))
    return try Image.grid(images, captions: captions.contains("") ? [] : captions, style: style).png()
  }

  private static func label(
    _ number: Int, _ cascade: CascadeSpecification, _ samples: SamplesSpecification
  ) -> String {
    if !samples.prompts.isEmpty { return samples.prompts[number / samples.count % samples.prompts.count] }
    guard !samples.classes.isEmpty else { return "" }
    let number = samples.classes[number / samples.count % samples.classes.count]
    return cascade.data.classes.indices.contains(number) ? cascade.data.classes[number] : "\(number)"
  }

  /// A line of JSON about each sample: its prompt, seed and every setting. With it, the job file and its inputs, the picture can
  /// be drawn again.
  static func lines(_ cascade: CascadeSpecification, _ samples: SamplesSpecification, seed: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in 0..<samples.total {
      let place = number / samples.count
      let stages = cascade.stages.enumerated().map { position, stage in
        var members: [String: JSON] = [
          "name": .string(stage.name), "resolution": .integer(stage.resolution),
          "file": .string(DrawnPictures.sample(number, stage)), "sampling": JSON(settings: stage.sampling),
        ]
        if position > 0 { members["conditioningNoise"] = .number(stage.conditioningNoise.sampling) }
        return JSON.object(members)
      }
      // As text, since a seed may be larger than what readers of JSON take for a whole number.
      var line: [String: JSON] = ["number": .integer(number), "seed": .string("\(seed)"), "stages": .array(stages)]
      if !samples.prompts.isEmpty { line["prompt"] = .string(samples.prompts[place % samples.prompts.count]) }
      if !samples.classes.isEmpty { line["class"] = .integer(samples.classes[place % samples.classes.count]) }
      bytes += JSON.object(line).bytes + [UInt8(ascii: "\n")]
    }
    return bytes
  }
}
