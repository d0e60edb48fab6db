import Datasets
import Networks
import Specification
import Tensors
import Training

/// A function from inputs to outputs: a network with weights, and what is drawn anew for it.
struct MemberFunction {
  var parameters: ParameterSet
  var statistics: ParameterSet
  /// What is dropped; nil drops nothing.
  var dropout: RandomKey?
  /// How pictures are changed before they are seen.
  var augmentation: (rule: TrainingConfiguration.Augmentation, key: RandomKey)?

  /// What the likelihood is told of inputs, [n, …].
  func outputs(of member: MemberNetwork, _ inputs: Tensor) throws -> Tensor {
    let seen = try augmentation.map { try $0.rule(inputs, key: $0.key) } ?? inputs
    return try member(
      seen, parameters: parameters, pass: ForwardPass(normalization: .stored(statistics), dropout: dropout))
  }

  /// This function, or those of the networks that share its weights.
  func networks(of member: MemberNetwork) throws -> [MemberFunction] {
    try zip(member.networks(parameters), member.networks(statistics: statistics)).map {
      MemberFunction(parameters: $0, statistics: $1, dropout: dropout, augmentation: augmentation)
    }
  }
}

/// The functions that a trained member gives, as its method says.
struct MemberFunctions {
  private let ensemble: EnsembleSpecification.Ensemble
  private let member: MemberNetwork
  private let parameters: ParameterSet
  private let statistics: ParameterSet
  private let moments: WeightMoments?
  private let set: LearningSet
  private let batch: Int
  private let key: RandomKey
  /// Mini-batches whose statistics are averaged for weights that were never trained with.
  private static let statisticsBatches = 20

  init(
    _ ensemble: EnsembleSpecification.Ensemble, _ member: MemberNetwork, _ parameters: ParameterSet,
    _ statistics: ParameterSet, _ moments: WeightMoments?, set: LearningSet, batch: Int, key: RandomKey
  ) {
    (self.ensemble, self.member, self.parameters, self.statistics) = (ensemble, member, parameters, statistics)
    (self.moments, self.set, self.batch, self.key) = (moments, set, batch, key)
  }

  /// Number of functions.
  var count: Int { ensemble.method.draws }

  /// The weights found, or their mean over the last epochs: a function, or what several share.
  func mean() throws -> MemberFunction {
    guard let moments, moments.count > 0 else {
      return MemberFunction(parameters: parameters, statistics: statistics)
    }
    return MemberFunction(parameters: moments.mean, statistics: try freshStatistics(of: moments.mean))
  }

  /// The Gaussian about the weights found; nil for other methods.
  func laplace() throws -> LaplaceFunctions? {
    guard case .laplace(let configuration) = ensemble.method else { return nil }
    return try LaplaceFunctions.fitted(
      configuration, member, mean(), set: set, batch: batch, key: key.purpose("laplace"))
  }

  /// A function by its number.
  subscript(draw: Int) -> MemberFunction {
    get throws {
      let key = key.purpose("draw").folding(in: UInt64(draw))
      switch ensemble.method {
      case .swag:
        guard let moments else { return try mean() }
        let drawn = try moments.draw(key: key)
        return MemberFunction(parameters: drawn, statistics: try freshStatistics(of: drawn))
      case .batch: return try mean().networks(of: member)[draw]
      case .dropout:
        var function = try mean()
        function.dropout = key
        return function
      case .batchNorm:
        var function = try mean()
        function.statistics = try statistics(of: function.parameters, batch: draw)
        return function
      case .augmentation:
        var function = try mean()
        function.augmentation = (ensemble.training.augmentation, key)
        return function
      default: return try mean()
      }
    }
  }

  /// The batch norms' statistics in one random mini-batch of the training part.
  private func statistics(of parameters: ParameterSet, batch number: Int) throws -> ParameterSet {
    let order = ShuffledOrder(count: set.training.count, key: key.purpose("statistics").bits)
    let (inputs, _) = try set.training.batch((number * batch..<(number + 1) * batch).map(order.index))
    let pass = ForwardPass(normalization: .batch)
    _ = try withoutGradient { try member(inputs, parameters: parameters, pass: pass) }
    return pass.statistics
  }

  /// The batch norms' mean statistics over some mini-batches: those of a training do not fit weights that it never had.
  private func freshStatistics(of parameters: ParameterSet) throws -> ParameterSet {
    guard !statistics.names.isEmpty else { return statistics }
    let mean = try ParameterSet(member.statisticShapes, key: key)
    for function in try MemberFunction(parameters: parameters, statistics: mean).networks(of: member) {
      for number in 0..<min(Self.statisticsBatches, max(1, set.training.count / batch)) {
        let one = try statistics(of: function.parameters, batch: number)
        let running = function.statistics
        try blend(running.tensors, towards: running.names.map(one.tensor), by: 1 / Double(number + 1))
      }
    }
    return mean
  }
}
