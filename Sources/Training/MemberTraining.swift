import Formats
import Networks
import Specification
import Tensors

/// The training of one network, or of several that share their weights: all that changes from step to step.
///
/// With a checkpoint it goes on bit for bit, since everything that is drawn is a function of the key and the step. Its first
/// blocks may be given and stay as they are; then it trains the blocks after them.
public final class MemberTraining {
  /// The weights that are trained.
  public let parameters: ParameterSet
  /// Running statistics of the batch norms among the trained blocks.
  public let statistics: ParameterSet
  /// Steps done.
  public private(set) var step = 0
  private let member: MemberNetwork
  private let configuration: TrainingConfiguration
  private let steps: Int
  private let examples: Int
  private let classWeights: Tensor?
  private let key: RandomKey
  private let priorNames: Set<String>
  private let optimizer: Optimizer
  /// The weights as leaves of a record, whose memory they share.
  private let tracked: ParameterSet

  /// What a step has done.
  public struct Info {
    /// Mean loss of the batch and of all networks, weighted by class, without the prior.
    public let loss: Double
    public let gradientNorm: Double
    public let rate: Double
  }

  /// Starts a training, or goes on from a checkpoint.
  /// - Parameters:
  ///   - examples: Inputs of an epoch.
  ///   - steps: Steps of the whole training.
  ///   - classWeights: What the loss of an input counts, by its class; nil counts all the same.
  public init(
    _ member: MemberNetwork, _ configuration: TrainingConfiguration, examples: Int, steps: Int,
    classWeights: [Double]? = nil, key: RandomKey, checkpoint: Safetensors? = nil
  ) throws {
    (self.member, self.configuration, self.examples, self.steps) = (member, configuration, examples, steps)
    self.classWeights = try classWeights.map { try Tensor($0.map { Float($0) }) }
    self.key = key
    priorNames = Set(member.weightShapes.map(\.name))
    parameters = try ParameterSet(member.parameterShapes, key: key.purpose("weights")).channelsLast().flattened()
    tracked = try parameters.tracked()
    statistics = try ParameterSet(member.statisticShapes, key: key)
    optimizer = try Optimizer(configuration.optimizer, parameters.tensors, steps: steps)
    if let checkpoint { try restore(checkpoint) }
  }

  /// Takes one step.
  /// - Parameters:
  ///   - inputs: [n, …], as the network takes them, not augmented.
  ///   - targets: labels, int64, or numbers, [n].
  /// - Throws: `TrainingError` if the loss is no number.
  public func advance(_ inputs: Tensor, _ targets: Tensor) throws -> Info {
    var (loss, gradients) = try gradients(inputs, targets)
    if configuration.priorPrecision > 0 {
      let share = configuration.priorPrecision / Double(examples)
      for (place, name) in parameters.names.enumerated() where priorNames.contains(name) {
        gradients[place] = try gradients[place] + parameters.tensors[place] * share
      }
    }
    let info = try optimizer.step(gradients, step: step)
    step += 1
    return Info(loss: loss, gradientNorm: info.gradientNorm, rate: info.rate)
  }

  /// Mean loss of a batch and its gradient, to which the prior adds its own.
  private func gradients(_ inputs: Tensor, _ targets: Tensor) throws -> (loss: Double, gradients: [Tensor]) {
    let key = key.purpose("step").folding(in: UInt64(step))
    let seen = try configuration.augmentation(inputs, key: key.purpose("augmentation"))
    var losses: [Tensor] = []
    var passes: [(ForwardPass, running: ParameterSet)] = []
    for (number, (weights, running)) in try zip(
      member.networks(tracked), member.networks(statistics: statistics)
    ).enumerated() {
      // What the first network drops is what it would drop by itself.
      let dropout = key.purpose("dropout")
      let pass = ForwardPass(
        normalization: .batch, dropout: number == 0 ? dropout : dropout.folding(in: UInt64(number)))
      losses.append(try self.losses(member(seen, parameters: weights, pass: pass), targets))
      passes.append((pass, running))
    }
    let loss = try losses.count == 1 ? losses[0].mean() : Tensor.stacked(losses).mean()
    let number = try loss.detached().scalar()
    guard number.isFinite else {
      throw TrainingError(
        .lost, "The loss of step \(step + 1) is no number. Lower `optimizer.rate`, or set `optimizer.gradientNorm`.")
    }
    let gradients = try gradient(of: loss, withRespectTo: tracked.tensors)
    for (pass, running) in passes { try pass.update(running) }
    return (number, gradients)
  }

  /// The loss of each input, weighted by class.
  private func losses(_ outputs: Tensor, _ targets: Tensor) throws -> Tensor {
    let progress = min(1, Double(step) / Double(max(steps, 1)))
    let losses = try member.likelihood.losses(outputs, targets, progress: progress)
    return try classWeights.map { try losses * $0.rows(at: targets) } ?? losses
  }

  /// Takes weights and statistics of a file, by their names, in place of those it began with.
  /// - Throws: `NetworkError` naming those that are missing or of another shape.
  public func take(_ file: Safetensors) throws {
    let weights = try ParameterSet(among: file, of: member.weightShapes)
    let found = try ParameterSet(among: file, of: member.statisticShapes)
    try blend(weights.names.map(parameters.tensor), towards: weights.tensors, by: 1)
    try blend(statistics.tensors, towards: found.tensors, by: 1)
  }

  /// All that the training needs to go on.
  public func checkpoint() throws -> Safetensors {
    var file = Safetensors(metadata: ["format": "tributary member 1"])
    for (kind, set) in [("weights", parameters), ("statistics", statistics)] {
      for (name, tensor) in zip(set.names, set.tensors) { file["\(kind)/\(name)"] = try tensor.stored() }
    }
    try optimizer.store(in: &file, names: parameters.names)
    file["step"] = try Safetensors.Tensor([step], shape: [])
    return file
  }

  private func restore(_ file: Safetensors) throws {
    for (kind, set) in [("weights", parameters), ("statistics", statistics)] {
      for (name, tensor) in zip(set.names, set.tensors) { try tensor.restore("\(kind)/\(name)", from: file) }
    }
    try optimizer.restore(from: file, names: parameters.names)
    guard let step = try file.tensor("step").integerValues().first, step >= 0 else {
      throw TrainingError(.foreignCheckpoint, "The checkpoint to go on from belongs to another training.")
    }
    self.step = step
  }
}

extension MemberTraining {
  /// Takes one step of a chain that began with these parameters.
  public func advance(
    _ inputs: Tensor, _ targets: Tensor, chain: StochasticChain, rate: Double
  ) throws -> Info {
    let (loss, gradients) = try gradients(inputs, targets)
    let info = try chain.step(
      gradients, rate: rate, priorPrecision: configuration.priorPrecision,
      key: key.purpose("noise").folding(in: UInt64(step)))
    step += 1
    return Info(loss: loss, gradientNorm: info.gradientNorm, rate: rate)
  }
}
