import Datasets
import Formats
import ImageMetrics
import Networks
import Runtime
import Specification
import Tensors

/// Trains the network whose features evaluations compare, on the pictures that the stages train on.
struct FeaturesWorkload: Workload {
  private static let batch = 64
  private static let segment = 250

  func run(_ task: TaskContext) throws {
    let job = try CascadeJob(task)
    guard case .trained(let steps)? = job.cascade.evaluation?.features, let stage = job.cascade.stages.last else {
      throw WorkloadError("The job trains no feature network.")
    }
    let captions = try job.cascade.text.map { try CaptionEmbeddings(task, tokens: $0.tokens) }
    let pictures = try job.pictures(task)
    let indices = try job.split(pictures).training
    let key = job.key("features")
    let order = ShuffledOrder(count: indices.count, key: key.purpose("order").bits)
    let loader = ImageLoader(pictures, width: stage.resolution, height: stage.resolution)
    let run = try Training(
      try PictureFeatures(job.cascade, pictures, textWidth: captions?.width, task), key, task.checkpoint)
    var progress = StepProgress(phase: "features", total: steps)
    let segments = (steps + Self.segment - 1) / Self.segment
    for segment in task.segments..<segments {
      let end = min(steps, (segment + 1) * Self.segment)
      while run.adam.step < end {
        let start = run.adam.step * Self.batch
        let chosen = (start..<start + min(Self.batch, indices.count)).map { indices[order.index(at: $0)] }
        let loss = try run.advance(Batch(chosen, loader, captions))
        if let news = progress.after(run.adam.step, figures: [.init("loss", loss)]) { try task.report(news) }
        if run.adam.step < end { try task.pauseIfAsked { try run.adam.file().encoded() } }
      }
      let isLast = segment == segments - 1
      let files = isLast ? [PictureFeatures.fileName: try run.adam.parameters.safetensors().encoded()] : [:]
      try task.commit(
        Segment(files: files, checkpoint: isLast ? nil : try run.adam.file().encoded()), isLast: isLast)
    }
  }

  /// Pictures of a step with what they are told by.
  private struct Batch {
    let images: Tensor
    let labels: [Int]
    let texts: Tensor?

    init(_ chosen: [Int], _ loader: ImageLoader, _ captions: CaptionEmbeddings?) throws {
      images = try loader.tensor(chosen)
      labels = chosen.compactMap(loader.images.label)
      texts = try captions?.pooled(chosen.map(loader.images.caption))
    }
  }

  /// One of the two networks on its way.
  private struct Training {
    let adam: AdamTraining
    private let loss: (Batch, ParameterSet) throws -> Tensor

    init(_ features: PictureFeatures, _ key: RandomKey, _ checkpoint: [UInt8]?) throws {
      let state = try checkpoint.map { try Safetensors(bytes: $0) }
      switch features {
      case .classes(let network):
        adam = try state.map { try AdamTraining(network.parameterShapes, file: $0) } ?? network.training(key: key)
        loss = { batch, parameters in
          let labels = try Tensor(batch.labels.map(Int64.init))
          return try network.loss(images: batch.images, labels: labels, parameters: parameters)
        }
      case .captions(let probe):
        adam = try state.map { try AdamTraining(probe.parameterShapes, file: $0) } ?? probe.training(key: key)
        loss = { batch, parameters in
          guard let texts = batch.texts else { throw WorkloadError("The pictures have no captions.") }
          return try probe.loss(images: batch.images, texts: texts, parameters: parameters)
        }
      case .file: throw WorkloadError("A feature network from a file is not trained.")
      }
    }

    func advance(_ batch: Batch) throws -> Double { try adam.descend { try loss(batch, $0) } }
  }
}

extension CaptionEmbeddings {
  /// The mean state of each caption's tokens, [n, width].
  func pooled(_ captions: [String?]) throws -> Tensor {
    let (states, mask) = try batch(captions)
    return try states.maskedMean(mask)
  }
}
