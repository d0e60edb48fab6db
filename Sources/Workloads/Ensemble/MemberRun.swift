import Datasets
import Formats
import Networks
import Runtime
import Specification
import Tensors
import Training

/// One member on its way: its training, and what its functions have predicted so far.
final class MemberRun {
  private let ensemble: EnsembleSpecification.Ensemble
  private let set: LearningSet
  private let judged: [(name: String, examples: Examples)]
  private let member: MemberNetwork
  private let key: RandomKey
  private let order: ShuffledOrder
  private let training: MemberTraining
  private let chain: StochasticChain?
  private let moments: WeightMoments?
  private var predictions: MemberPredictions
  private var metrics = MemberMetrics()
  /// Whether weights were given, and nothing is trained.
  private let hasWeights: Bool
  /// Inputs of a step.
  private let batch: Int
  /// Steps of an epoch.
  let stepsPerEpoch: Int
  /// Inputs of a prediction.
  private static let predictionBatch = 250

  init(
    _ ensemble: EnsembleSpecification.Ensemble, _ set: LearningSet, classWeights: [Double]?,
    judged: [(name: String, examples: Examples)], member: MemberNetwork, key: RandomKey, weights: [UInt8]?,
    checkpoint: [UInt8]?
  ) throws {
    (self.ensemble, self.set, self.judged, self.member, self.key) = (ensemble, set, judged, member, key)
    batch = min(ensemble.training.batch, set.training.count)
    stepsPerEpoch = max(1, (set.training.count + batch / 2) / batch)
    order = ShuffledOrder(count: set.training.count, key: key.purpose("order").bits)
    var configuration = ensemble.training
    if case .snapshots(let draws) = ensemble.method { configuration.optimizer.schedule = .cosine(cycles: draws) }
    let file = try checkpoint.map { try Safetensors(bytes: $0) }
    training = try MemberTraining(
      member, configuration, examples: set.training.count, steps: ensemble.training.epochs * stepsPerEpoch,
      classWeights: classWeights, key: key, checkpoint: file)
    chain =
      if let chain = ensemble.method.chain {
        try StochasticChain(chain, training.parameters, examples: set.training.count)
      } else { nil }
    moments = try ensemble.momentsRank.map { try WeightMoments(member.parameterShapes, rank: $0) }
    predictions = MemberPredictions(member.likelihood, sets: judged.map { ($0.name, $0.examples.count) })
    hasWeights = weights != nil
    if let weights { try training.take(Safetensors(bytes: weights)) }
    if let file { try restore(file) }
  }

  /// Steps done.
  var step: Int { training.step }

  /// Steps of the training and of the chain after it.
  var steps: Int { hasWeights ? 0 : ensemble.epochs * stepsPerEpoch }

  /// The last mean loss, for people.
  var figures: [TaskProgress.Figure] { metrics.figures }

  /// Takes one step; at the end of an epoch also what belongs there.
  func advance() throws {
    let start = step * batch
    let (inputs, targets) = try set.training.batch((start..<start + batch).map(order.index))
    let info =
      if let chain, let configuration = ensemble.method.chain, step >= ensemble.training.epochs * stepsPerEpoch {
        try training.advance(inputs, targets, chain: chain, rate: rate(of: configuration))
      } else {
        try training.advance(inputs, targets)
      }
    metrics.add(info)
    guard step.isMultiple(of: stepsPerEpoch) else { return }
    try endEpoch(step / stepsPerEpoch)
  }

  /// The rate of a chain's step: constant, or falling to 0 before each draw.
  private func rate(of chain: StochasticChainConfiguration) -> Double {
    guard chain.isCyclical else { return chain.rate }
    let cycle = chain.thinning * stepsPerEpoch
    let passed = (step - ensemble.training.epochs * stepsPerEpoch) % cycle
    // Above 0, as the noise is divided by it.
    return chain.rate * max(RateSchedule.cosine(cycles: 1).factor(at: Double(passed) / Double(cycle)), 1e-3)
  }

  private func endEpoch(_ epoch: Int) throws {
    if let moments, epoch > ensemble.epochBeforeMoments { try moments.add(training.parameters) }
    if ensemble.draws(at: epoch) { for function in try current { predictions.add(try predict(function)) } }
    metrics.endEpoch(epoch, step: step, validation: try set.validation.map(validate))
  }

  /// The function of the weights as they are, or those of the networks that share them.
  private var current: [MemberFunction] {
    get throws {
      try MemberFunction(parameters: training.parameters, statistics: training.statistics).networks(of: member)
    }
  }

  /// Mean loss on a part that is held out, and for classes the share of right ones; of all networks.
  private func validate(_ part: Examples) throws -> (loss: Double, accuracy: Double?) {
    var (loss, right) = (0.0, 0)
    let functions = try current
    try withoutGradient {
      try part.inBatches(of: Self.predictionBatch) { inputs, targets in
        for function in functions {
          let outputs = try function.outputs(of: member, inputs)
          loss += try member.likelihood.losses(outputs, targets, progress: 1).sum().scalar()
          guard set.classes != nil else { continue }
          let guesses = try outputs.indexOfMaximum(along: 1).array(of: Int64.self)
          right += zip(guesses, try targets.array(of: Int64.self)).count { $0 == $1 }
        }
      }
    }
    let count = Double(part.count * functions.count)
    return (loss / count, set.classes.map { _ in Double(right) / count })
  }

  /// What a function predicts for every set.
  private func predict(_ function: MemberFunction) throws -> [String: [Float]] {
    try judged.reduce(into: [:]) { predictions, one in
      var values: [Float] = []
      try withoutGradient {
        try one.examples.inBatches(of: Self.predictionBatch) { inputs, _ in
          let outputs = try function.outputs(of: member, inputs)
          values += try member.likelihood.predictions(outputs).array(of: Float.self)
        }
      }
      predictions[one.name] = values
    }
  }
}

extension MemberRun {
  /// What the member brings when all steps are done: its weights, their statistics, and its predictions.
  func files(progress: (_ draw: Int, _ of: Int) throws -> Void) throws -> [String: [UInt8]] {
    let functions = functions
    let laplace = try functions.laplace()
    let predictions = try finalPredictions(functions, laplace, progress)
    let mean = try functions.mean()
    let weights = ParameterSet(
      zip(mean.parameters.names + mean.statistics.names, mean.parameters.tensors + mean.statistics.tensors).map {
        ($0, $1)
      })
    var files = [
      "weights.safetensors": try weights.safetensors().encoded(),
      MemberPredictions.fileName: try predictions.file().encoded(), "metrics.jsonl": metrics.lines,
    ]
    if let laplace { files[LaplaceSummary.fileName] = try laplace.summary.json() }
    return files
  }

  /// What its functions predict when all steps are done.
  func finalPredictions(progress: (_ draw: Int, _ of: Int) throws -> Void) throws -> MemberPredictions {
    let functions = functions
    return try finalPredictions(functions, functions.laplace(), progress)
  }

  private func finalPredictions(
    _ functions: MemberFunctions, _ laplace: LaplaceFunctions?, _ progress: (_ draw: Int, _ of: Int) throws -> Void
  ) throws -> MemberPredictions {
    if let laplace { return try laplace.predictions(of: judged, progress: progress) }
    if predictions.draws == 0 {
      for draw in 0..<functions.count {
        try progress(draw, functions.count)
        predictions.add(try predict(functions[draw]))
      }
    }
    return predictions
  }

  private var functions: MemberFunctions {
    MemberFunctions(
      ensemble, member, training.parameters, training.statistics, moments, set: set, batch: batch, key: key)
  }

  /// All that the member needs to go on.
  func checkpoint() throws -> [UInt8] {
    var file = try training.checkpoint()
    try chain?.store(in: &file)
    try moments?.store(in: &file)
    try metrics.store(in: &file)
    let drawn = try predictions.file()
    for name in drawn.names { file["predictions/\(name)"] = try drawn.tensor(name) }
    return try file.encoded()
  }

  private func restore(_ file: Safetensors) throws {
    try chain?.restore(from: file)
    try moments?.restore(from: file)
    try metrics.restore(from: file)
    // A trunk is not judged.
    guard !judged.isEmpty else { return }
    var drawn = Safetensors(metadata: ["kind": predictions.kind.rawValue])
    for set in judged { drawn[set.name] = try file.tensor("predictions/\(set.name)") }
    predictions = try MemberPredictions(drawn)
  }
}

extension EnsembleSpecification.Ensemble {
  /// Epochs of the training and of what follows it.
  var epochs: Int {
    guard case .chains(let chain) = method else { return training.epochs }
    return training.epochs + chain.draws * chain.thinning
  }

  /// Whether the weights at the end of an epoch, counted from 1, are a draw.
  func draws(at epoch: Int) -> Bool {
    switch method {
    case .chains(let chain):
      epoch > training.epochs && (epoch - training.epochs).isMultiple(of: chain.thinning)
    case .snapshots(let draws): epoch * draws / training.epochs > (epoch - 1) * draws / training.epochs
    default: false
    }
  }

  /// Deviations of the weights that are kept; nil if no mean is taken.
  fileprivate var momentsRank: Int? {
    if case .swag(let rank, _, _) = method { return rank }
    return training.averagedShare > 0 ? 0 : nil
  }

  /// The last epoch whose weights do not count for their mean.
  fileprivate var epochBeforeMoments: Int {
    let share = if case .swag(_, _, let share) = method { share } else { training.averagedShare }
    return min(training.epochs - 1, Int((Double(training.epochs) * (1 - share)).rounded()))
  }
}

extension EnsembleMethod {
  fileprivate var chain: StochasticChainConfiguration? { if case .chains(let chain) = self { chain } else { nil } }
}
