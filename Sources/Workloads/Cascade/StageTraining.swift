import Diffusion
import Formats
import Networks
import Runtime
import Specification
import Tensors
import Training

/// The training of a stage: all that changes from step to step.
///
/// With a checkpoint it goes on bit for bit, since everything that is drawn is a function of the stage's key and the step.
package final class StageTraining {
  package let stage: StageSpecification
  /// Steps done.
  package private(set) var step = 0
  private(set) var metrics: TrainingMetrics
  private let network: StageNetwork
  private let objective: DiffusionObjective
  private let data: StageData
  private let captions: CaptionEmbeddings?
  private let parameters: ParameterSet
  private let tracked: ParameterSet
  private let trained: [Int]
  private let optimizer: Optimizer
  private let profiles: [AverageProfile]
  private let averages: [ParameterSet]
  private let key: RandomKey

  /// Starts a training, from given weights if there are any, or goes on from a checkpoint.
  init(
    _ stage: StageSpecification, _ network: StageNetwork, _ data: StageData, _ captions: CaptionEmbeddings?,
    key: RandomKey, weights: [UInt8]?, checkpoint: [UInt8]?
  ) throws {
    (self.stage, self.network, self.data, self.captions, self.key) = (stage, network, data, captions, key)
    objective = try DiffusionObjective(stage.diffusion)
    let shapes = network.parameterShapes
    let start =
      try weights.map { try ParameterSet(weights: Safetensors(bytes: $0), of: shapes) }
      ?? ParameterSet(shapes, key: key.purpose("weights"))
    parameters = try start.channelsLast()
    tracked = try parameters.tracked()
    trained = parameters.names.indices.filter { [names = parameters.names] in
      !network.fixedParameters.contains(names[$0])
    }
    optimizer = try Optimizer(
      stage.optimizer, trained.map { [tensors = parameters.tensors] in tensors[$0] }, steps: stage.steps)
    profiles = try stage.averaging.profiles()
    averages = try profiles.map { [parameters] _ in
      ParameterSet(zip(parameters.names, try parameters.tensors.map { try $0 + 0 }).map { ($0, $1) })
    }
    metrics = TrainingMetrics(every: max(1, min(stage.segment, stage.steps) / 10))
    if let checkpoint { try restore(try Safetensors(bytes: checkpoint)) }
  }

  /// Takes one step.
  package func advance() throws {
    let key = key.purpose("step").folding(in: UInt64(step))
    let batch = try data.batch(step: step)
    let noisy = try objective.batch(batch.pictures, key: key)
    let condition = try condition(of: batch, key: key)
    let output = try network(noisy.input, noisy.times, condition, parameters: tracked)
    let losses = try objective.losses(output, for: noisy)
    let gradients = try gradient(of: losses.mean(), withRespectTo: trained.map { tracked.tensors[$0] })
    let info = try optimizer.step(gradients, step: step)
    step += 1
    for (profile, average) in zip(profiles, averages) {
      try profile.update(average.tensors, with: parameters.tensors, update: step)
    }
    let values = try losses.detached().converted(to: .float64).array(of: Double.self)
    guard values.allSatisfy(\.isFinite), info.gradientNorm.isFinite else {
      throw WorkloadError(
        "The stage \(stage.name) has lost itself in step \(step): its loss is no number. Lower `optimizer.rate`, or raise "
          + "`optimizer.warmUp`.")
    }
    metrics.add(values, ratios: noisy.levels.map(\.ratio), info, step: step)
  }

  /// What the pictures of a step are conditioned on; now and then it is left out.
  private func condition(of batch: StageData.Batch, key: RandomKey) throws -> StageNetwork.Condition {
    let isKept = batch.captions.indices.map { place in
      key.folding(in: UInt64(place)).purpose("condition").uniform() >= stage.conditionDropout
    }
    return try condition(
      captions: zip(batch.captions, isKept).map { $1 ? $0 : nil },
      classes: zip(batch.labels, isKept).map { $1 ? $0 : nil },
      low: batch.low, key: key)
  }

  private func condition(
    captions: [String?], classes: [Int?], low: Tensor?, key: RandomKey
  ) throws -> StageNetwork.Condition {
    var condition = StageNetwork.Condition(classes: classes, text: try self.captions?.batch(captions))
    condition.low = try low.map { low in
      let input = try stage.conditioningNoise.trainingInput(low, key: key)
      return (input.images, input.levels)
    }
    return condition
  }

  /// The mean loss of pictures, with their conditions, at levels of noise that are spread evenly: fractions of the way from
  /// least to most.
  func validationLosses(of batch: StageData.Batch, fractions: [Double], key: RandomKey) throws -> [Double] {
    try withoutGradient {
      try fractions.map { fraction in
        let levels = batch.captions.map { _ in objective.schedule.level(fraction: fraction) }
        let noise = try Tensor.normals(key: key.purpose("noise"), shape: batch.pictures.shape)
        let noisy = try objective.batch(batch.pictures, noise: noise, levels: levels)
        let condition = try condition(captions: batch.captions, classes: batch.labels, low: batch.low, key: key)
        let output = try network(noisy.input, noisy.times, condition, parameters: averages[0])
        return try objective.losses(output, for: noisy).mean().scalar()
      }
    }
  }

  /// The weights as they are, in 32-bit numbers, by the names of the network.
  package func weights() throws -> [UInt8] { try parameters.safetensors().encoded() }

  /// The averages of the weights, the first being that which is sampled from.
  func averagedWeights() throws -> [[UInt8]] { try averages.map { try $0.safetensors().encoded() } }
}

extension StageTraining {
  /// All that the training needs to go on: weights, what the optimiser remembers, averages, the step and the figures so far.
  func checkpoint() throws -> [UInt8] {
    var file = Safetensors(metadata: ["format": "tributary stage 1"])
    for (name, tensor) in zip(parameters.names, parameters.tensors) { file["weights/\(name)"] = try tensor.stored() }
    for (number, average) in averages.enumerated() {
      for (name, tensor) in zip(average.names, average.tensors) {
        file["average.\(number)/\(name)"] = try tensor.stored()
      }
    }
    try optimizer.store(in: &file, names: trained.map { parameters.names[$0] })
    try metrics.store(in: &file)
    file["step"] = try Safetensors.Tensor([step], shape: [])
    return try file.encoded()
  }

  private func restore(_ file: Safetensors) throws {
    func take(_ kind: String, into set: ParameterSet) throws {
      for (name, tensor) in zip(set.names, set.tensors) {
        try tensor.restore("\(kind)/\(name)", from: file)
      }
    }
    try take("weights", into: parameters)
    for (number, average) in averages.enumerated() { try take("average.\(number)", into: average) }
    try optimizer.restore(from: file, names: trained.map { parameters.names[$0] })
    try metrics.restore(from: file)
    guard let step = try file.tensor("step").integerValues().first, (0...stage.steps).contains(step) else {
      throw WorkloadError("The checkpoint to go on from belongs to another stage.")
    }
    self.step = step
  }
}
