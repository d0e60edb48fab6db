import Formats
import Runtime
import Specification

/// The pictures of one batch in one stage, as files of the job: PNG where people look at them, packed where only programs do.
struct DrawnPictures {
  let batch: SamplingBatches.Batch
  let stage: StageSpecification
  let channels: Int

  init(_ batch: SamplingBatches.Batch, _ stage: StageSpecification, _ cascade: CascadeSpecification) {
    (self.batch, self.stage, channels) = (batch, stage, cascade.data.channels)
  }

  /// Name of the file of a sample, by its number.
  static func sample(_ number: Int, _ stage: StageSpecification) -> String {
    "samples/\(stage.name)/\(padded(number)).png"
  }

  /// Name of an evaluation's folder: the pictures of one guidance.
  static func folder(_ guidance: Double?) -> String {
    "evaluation/\(guidance.map { "guidance-\(TrainingMetrics.text($0))" } ?? "pictures")"
  }

  static func padded(_ number: Int) -> String { String(String(number + 1_000_000).dropFirst()) }

  private func packed(_ guidance: Double?) -> String {
    "\(Self.folder(guidance))/\(stage.name)/\(Self.padded(batch.pictures.lowerBound)).safetensors"
  }

  /// The files of samples [n, height, width, channels].
  func files(_ samples: [UInt8]) throws -> [String: [UInt8]] {
    let (side, size) = (stage.resolution, stage.resolution * stage.resolution * channels)
    switch batch.purpose {
    case .samples:
      var files: [String: [UInt8]] = [:]
      for (place, number) in batch.pictures.enumerated() {
        let pixels = Array(samples[place * size..<(place + 1) * size])
        files[Self.sample(number, stage)] = try Image(width: side, height: side, channels: channels, pixels: pixels)
          .png()
      }
      return files
    case .evaluation(let guidance):
      var file = Safetensors()
      file["pictures"] = try Safetensors.Tensor(
        dtype: .uint8, shape: [batch.pictures.count, side, side, channels], bytes: samples)
      return [packed(guidance): try file.encoded()]
    }
  }

  /// The samples [n, height, width, channels] that a task before this one has committed.
  func read(_ task: TaskContext) throws -> [UInt8] {
    switch batch.purpose {
    case .samples:
      return try batch.pictures.flatMap { number in
        let name = Self.sample(number, stage)
        let image = try Image(decoding: try task.required(name), file: name).flattened(channels: channels)
        guard image.width == stage.resolution, image.height == stage.resolution else {
          throw WorkloadError(
            "\(name) is \(image.width) by \(image.height), not \(stage.resolution) pixels wide and high.")
        }
        return image.pixels
      }
    case .evaluation(let guidance):
      let stored = try Safetensors(bytes: try task.required(packed(guidance))).tensor("pictures")
      guard stored.dtype == .uint8,
        stored.shape == [batch.pictures.count, stage.resolution, stage.resolution, channels]
      else { throw WorkloadError("\(packed(guidance)) is not what this version writes.") }
      return stored.bytes
    }
  }
}
