import Specification
import Tensors

/// What a diffusion model is trained to do: makes noisy batches from clean images and losses from the network's answers.
public struct DiffusionObjective: Sendable {
  /// The settings.
  public let configuration: DiffusionConfiguration
  /// The noise.
  public let schedule: any NoiseSchedule

  /// Makes the objective with these settings.
  /// - Throws: `DiffusionError` if they do not fit each other.
  public init(_ configuration: DiffusionConfiguration) throws(DiffusionError) {
    try self.init(configuration, schedule: configuration.schedule.schedule())
  }

  /// Makes the objective with these settings but another schedule.
  public init(_ configuration: DiffusionConfiguration, schedule: any NoiseSchedule) throws(DiffusionError) {
    self.configuration = configuration
    self.schedule = schedule
    if configuration.learnsVariance {
      guard let discrete = schedule as? DiscreteSchedule, discrete.ratios.upperBound.isFinite else {
        throw DiffusionError(.conflict, "the variance is learnt on a schedule of timesteps with noise below infinity")
      }
    }
    if schedule.ratios.upperBound.isInfinite, ![.x0, .v].contains(configuration.parameterization) {
      throw DiffusionError(
        .conflict, "ε says nothing about the image in pure noise (zero terminal SNR); train with v or x0")
    }
  }

  /// Draws noise for clean images [n, ..].
  /// - Parameter key: of this batch; sample i uses its children i alone, so it does not matter which samples share a batch.
  public func batch(_ clean: Tensor, key: RandomKey) throws -> TrainingBatch {
    let keys = (0..<(clean.shape.first ?? 0)).map { key.folding(in: UInt64($0)) }
    let levels = keys.map { schedule.trainingLevel(uniform: $0.purpose("level").uniform()) }
    let one = [1] + clean.shape.dropFirst()
    let type = try clean.type
    let parts = try keys.map { key throws(TensorError) in
      try Tensor.normals(key: key.purpose("noise"), shape: one, type: type)
    }
    return try batch(clean, noise: .concatenated(parts, along: 0), levels: levels)
  }

  /// A batch with given noise [n, ..] and levels, one a sample.
  public func batch(_ clean: Tensor, noise: Tensor, levels: [NoiseLevel]) throws -> TrainingBatch {
    let parameterization = configuration.parameterization
    let seen = levels.map(parameterization.level)
    let tensors = try LevelTensors(seen, like: clean)
    let noisy = try tensors.alpha * clean + tensors.sigma * noise
    let scales = seen.map(parameterization.inputScale)
    return TrainingBatch(
      input: scales.allSatisfy { $0 == 1 } ? noisy : try noisy * .column(scales, like: clean),
      times: try Tensor(levels.map { Float($0.time) }),
      target: try parameterization.target(clean: clean, noise: noise, tensors),
      weights: try Tensor(levels.map { configuration.lossWeight.value(at: $0, parameterization) })
        .converted(to: clean.type),
      clean: clean, noisy: noisy, levels: seen)
  }

  /// The loss of each sample [n]: its weight times the mean squared error of the answer, and the weighted variational bound
  /// where the variance is learnt.
  /// - Parameter output: what the network answers for `batch.input` at `batch.times`.
  public func losses(_ output: Tensor, for batch: TrainingBatch) throws -> Tensor {
    guard configuration.learnsVariance else { return try squaredErrors(output, batch) }
    let (prediction, variance) = try splitVariance(output, channels: batch.clean.shape[1])
    let bounds = try variationalBound(prediction: prediction, variance: variance, batch)
    return try squaredErrors(prediction, batch) + bounds * configuration.boundWeight
  }

  private func squaredErrors(_ prediction: Tensor, _ batch: TrainingBatch) throws(TensorError) -> Tensor {
    let squares = try (prediction - batch.target).squared()
    return try squares.mean(alongAll: Array(1..<squares.shape.count)) * batch.weights
  }

  /// The term of the variational bound for each sample [n], in bits a dimension. The gradient reaches the variance alone.
  private func variationalBound(prediction: Tensor, variance: Tensor, _ batch: TrainingBatch) throws -> Tensor {
    guard let discrete = schedule as? DiscreteSchedule else {
      throw DiffusionError(.conflict, "the variational bound belongs to a schedule of timesteps")
    }
    let mean = try prediction.detached()
    let terms = try batch.levels.enumerated().map { index, level in
      func sample(_ x: Tensor) throws(TensorError) -> Tensor { try x.narrowed(start: index, length: 1) }
      let denoised = try configuration.parameterization.denoised(sample(mean), of: sample(batch.noisy), at: level)
      let step = Interval(from: level, to: discrete.level(timestep: Int(level.time) - 1))
      return try step.boundTerm(
        noisy: sample(batch.noisy), clean: sample(batch.clean), estimate: denoised.clean, variance: sample(variance))
    }
    return try .concatenated(terms, along: 0)
  }
}

/// Noisy images with what a network should answer; all tensors have the samples as their first dimension.
public struct TrainingBatch {
  /// What the network is given, [n, ..].
  public let input: Tensor
  /// The times it is told, float32 [n].
  public let times: Tensor
  /// What it should answer, [n, ..].
  public let target: Tensor
  /// How much each sample's error counts, [n].
  public let weights: Tensor
  /// The clean images.
  public let clean: Tensor
  /// α x₀ + σ z at `levels`, before the network's scaling.
  public let noisy: Tensor
  /// The noise of each sample, scaled as the network sees it.
  public let levels: [NoiseLevel]
}
