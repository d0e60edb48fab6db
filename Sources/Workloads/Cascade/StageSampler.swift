import Diffusion
import Formats
import ImageMetrics
import Networks
import Runtime
import Specification
import Tensors

/// Draws a batch of pictures with a stage's averaged weights, step by step.
///
/// A picture is a function of the key, its number, its condition and what is enlarged: it comes out the same in whatever batch.
struct StageSampler {
  /// What is to be drawn.
  struct Request {
    /// Number of each picture, which its noise depends on.
    var numbers: [Int]
    /// Captions, in a cascade of text.
    var captions: [String]?
    /// Classes, in a cascade of classes.
    var classes: [Int]?
    /// Samples [n, height, width, channels] of the pictures that the stage enlarges.
    var low: [UInt8]?
    /// Guidance in place of the stage's own.
    var guidance: Double?
  }

  private let cascade: CascadeSpecification
  private let position: Int
  private let network: StageNetwork
  private let parameters: ParameterSet
  private let objective: DiffusionObjective
  private let captions: CaptionEmbeddings?
  private let key: RandomKey

  /// - Parameters:
  ///   - weights: A safetensors file, in the names of the network.
  ///   - key: Names the randomness of all pictures of this kind.
  init(
    _ cascade: CascadeSpecification, stage position: Int, _ task: TaskContext, weights: [UInt8],
    captions: CaptionEmbeddings?, key: RandomKey
  ) throws {
    (self.cascade, self.position, self.captions) = (cascade, position, captions)
    self.key = key.purpose(cascade.stages[position].name)
    network = try StageNetwork(cascade, stage: position, task, textWidth: captions?.width)
    parameters = try ParameterSet(weights: Safetensors(bytes: weights), of: network.parameterShapes).readied()
    objective = try DiffusionObjective(cascade.stages[position].diffusion)
  }

  private var stage: StageSpecification { cascade.stages[position] }

  /// Steps of a batch.
  func steps() throws -> Int { try stage.sampling.solver(for: objective.schedule).intervals.count }

  /// Draws a batch.
  /// - Parameters:
  ///   - checkpoint: Where to go on from.
  ///   - afterStep: Called with the number of steps taken, and with what makes a checkpoint.
  /// - Returns: Samples [n, height, width, channels] in 0…255.
  func draw(
    _ request: Request, checkpoint: [UInt8]?, afterStep: (Int, () throws -> [UInt8]) throws -> Void
  ) throws -> [UInt8] {
    try withoutGradient {
      let solver = try stage.sampling.solver(for: objective.schedule)
      let noise = KeyedNoise(key: key, images: request.numbers.map(UInt64.init))
      let shape = [request.numbers.count, cascade.data.channels, stage.resolution, stage.resolution]
      var state =
        try checkpoint.map { try SolverState(checkpoint: $0, shape: shape) }
        ?? solver.initialState(noise.initial(shape: shape))
      let denoiser = try denoiser(request)
      while state.step < solver.intervals.count {
        try solver.step(&state, denoiser: denoiser, noise: noise)
        try afterStep(state.step, state.checkpoint)
      }
      let samples = state.sample
      guard try samples.abs().maximum().scalar().isFinite else {
        throw WorkloadError(
          "The stage \(stage.name) draws no numbers: take more sampling steps, another solver, or less guidance.")
      }
      return try samples.pictureSamples()
    }
  }

  private func denoiser(_ request: Request) throws -> any Denoiser {
    var condition = StageNetwork.Condition()
    condition.classes = request.classes.map { $0.map(Optional.init) }
    condition.text = try request.captions.flatMap { texts in try captions?.batch(texts.map(Optional.init)) }
    condition.low = try low(request)
    let guided = try guided(condition, request)
    return Thresholding(guided, stage.sampling.threshold)
  }

  private func guided(_ condition: StageNetwork.Condition, _ request: Request) throws -> any Denoiser {
    let conditional = bound(to: condition)
    // Only the first stage is told classes: later ones have nothing to be guided by.
    guard request.captions != nil || (request.classes != nil && position == 0) else { return conditional }
    var without = condition
    without.classes = nil
    without.text = try request.captions.flatMap { texts in try captions?.batch(texts.map { _ in nil }) }
    var guidance = stage.sampling.guidance
    guidance.scale = request.guidance ?? guidance.scale
    return ClassifierFreeGuidance(
      conditional, awayFrom: bound(to: without), guidance, parameterization: stage.diffusion.parameterization)
  }

  private func bound(to condition: StageNetwork.Condition) -> any Denoiser {
    let (network, parameters) = (network, parameters)
    return NetworkDenoiser(stage.diffusion) { noisy, times in
      try network(noisy, times, condition, parameters: parameters)
    }
  }

  /// What is enlarged, stretched, with its noise.
  private func low(_ request: Request) throws -> (pictures: Tensor, levels: Tensor)? {
    guard let resolution = cascade.lowResolution(of: position) else { return nil }
    let shape = [request.numbers.count, resolution, resolution, cascade.data.channels]
    guard let samples = request.low, samples.count == shape.reduce(1, *) else {
      throw WorkloadError("The stage \(stage.name) was not given the pictures that it enlarges.")
    }
    let pictures = try Tensor.pictures(
      samples, height: resolution, width: resolution, channels: cascade.data.channels
    )
    .resized(to: (height: stage.resolution, width: stage.resolution), by: .bilinear)
    let input = try stage.conditioningNoise.samplingInput(pictures, key: key, numbers: request.numbers.map(UInt64.init))
    return (input.images, input.levels)
  }
}

extension SolverState {
  /// The state as a file.
  func checkpoint() throws -> [UInt8] {
    var file = Safetensors(metadata: ["format": "tributary sampling 1"])
    file["sample"] = try sample.stored()
    file["step"] = try Safetensors.Tensor([step], shape: [])
    for (number, tensor) in history.enumerated() { file["history.\(number)"] = try tensor.stored() }
    return try file.encoded()
  }

  /// Reads what `checkpoint` wrote.
  init(checkpoint bytes: [UInt8], shape: [Int]) throws {
    let file = try Safetensors(bytes: bytes)
    guard let step = try file.tensor("step").integerValues().first, step >= 0 else {
      throw FormatError(.safetensors, "the checkpoint has no step")
    }
    let history = try (0..<file.names.count(where: { $0.hasPrefix("history.") })).map { number in
      try Tensor(try file.tensor("history.\(number)"), shape: shape)
    }
    self.init(sample: try Tensor(try file.tensor("sample"), shape: shape), step: step, history: history)
  }
}
