import Foundation
import Networks
import Posterior
import Runtime
import Specification
import Tensors
import Training
import Uncertainty

/// What a Laplace approximation about a member's weights predicts.
struct LaplaceFunctions {
  private let configuration: LaplaceConfiguration
  private let network: LaplaceNetwork
  private let likelihood: Likelihood
  private let posterior: LaplacePosterior
  private let key: RandomKey
  /// The precisions that were tried on the validation part; nil if none were.
  private var candidates: [LaplaceSummary.Candidate]?
  /// Draws of the linearised network's outputs for classes, where the job does not ask for drawn weights.
  static let outputDraws = 30
  /// Inputs of a prediction, each of which takes the memory of a Jacobian.
  private static let batch = 50
  /// The precisions that are tried.
  private static let precisions = (-4...6).map { pow(10, Double($0)) }

  private init(
    _ configuration: LaplaceConfiguration, _ network: LaplaceNetwork, _ likelihood: Likelihood,
    _ posterior: LaplacePosterior, key: RandomKey
  ) {
    (self.configuration, self.network, self.likelihood) = (configuration, network, likelihood)
    (self.posterior, self.key) = (posterior, key)
  }

  /// Gathers the curvature over the training part, and takes the prior that the job asks for.
  static func fitted(
    _ configuration: LaplaceConfiguration, _ member: MemberNetwork, _ function: MemberFunction, set: LearningSet,
    batch: Int, key: RandomKey
  ) throws -> LaplaceFunctions {
    let hasNoise = member.likelihood == .homoscedastic
    let network = LaplaceNetwork(
      member.network, parameters: function.parameters, statistics: function.statistics,
      isLastLayerOnly: configuration.isLastLayerOnly)
    var fit = LaplaceFit(
      network, structure: configuration.structure.curvature, likelihood: hasNoise ? .gaussian : .categorical)
    try set.training.inBatches(of: batch) { inputs, targets in
      try fit.add(inputs: inputs, targets: hasNoise ? targets.unsqueezed(at: 1) : targets)
    }
    let posterior = try fit.posterior()
    func functions(_ posterior: LaplacePosterior) -> LaplaceFunctions {
      LaplaceFunctions(configuration, network, member.likelihood, posterior, key: key)
    }
    // Noise is learnt by evidence under a prior of any precision.
    func given(_ precision: Double) throws -> LaplaceFunctions {
      let posterior = try posterior.with(priorPrecisions: [precision])
      return functions(hasNoise ? try posterior.maximizingEvidence(learnsPrior: false, learnsNoise: true) : posterior)
    }
    switch configuration.precision {
    case .evidence(let isPerLayer):
      return functions(try posterior.maximizingEvidence(isPerLayer: isPerLayer, learnsNoise: hasNoise))
    case .fixed(let precision): return try given(precision)
    case .validation:
      guard let validation = set.validation else { throw WorkloadError("There is no validation part to choose by.") }
      let candidates = try precisions.map(given)
      let losses = try negativeLogLikelihoods(of: validation, by: candidates)
      let tried = zip(candidates, zip(precisions, losses)).map {
        ($0, LaplaceSummary.Candidate(precision: $1.0, negativeLogLikelihood: $1.1))
      }
      // Of equal ones the least.
      let best = tried.filter { $0.1.negativeLogLikelihood.isFinite }
        .min { $0.1.negativeLogLikelihood < $1.1.negativeLogLikelihood }
      guard var chosen = best?.0 else {
        throw WorkloadError("The validation part is impossible under every precision of the prior.")
      }
      chosen.candidates = tried.map(\.1)
      return chosen
    }
  }

  /// What was found, for people.
  var summary: LaplaceSummary {
    LaplaceSummary(
      priorPrecisions: posterior.priorPrecisions, effectiveParameters: posterior.effectiveParameters,
      noise: likelihood == .homoscedastic ? posterior.noiseDeviation : nil,
      logEvidence: posterior.logMarginalLikelihood, candidates: candidates)
  }

  private var isLinearized: Bool { configuration.draws == 0 }

  /// What is predicted of the inputs of sets.
  func predictions(
    of judged: [(name: String, examples: Examples)], progress: (_ done: Int, _ of: Int) throws -> Void
  ) throws -> MemberPredictions {
    try Self.predictions(of: judged, by: [self], progress: progress)[0]
  }

  /// The same by several approximations about the same weights, which are differentiated once.
  private static func predictions(
    of judged: [(name: String, examples: Examples)], by several: [LaplaceFunctions],
    progress: (_ done: Int, _ of: Int) throws -> Void
  ) throws -> [MemberPredictions] {
    var draws = several.map { [[String: [Float]]](repeating: [:], count: $0.count) }
    let inputs = judged.reduce(0) { $0 + $1.examples.count }
    var seen = 0
    for (name, examples) in judged {
      var place = 0
      try examples.inBatches(of: batch) { inputs, _ in
        let linearized = several[0].isLinearized ? try LinearizedOutputs(several[0].network, inputs) : nil
        for (number, functions) in several.enumerated() {
          // Draws of an input are a function of its place, and come together.
          let key = functions.key.purpose(name).folding(in: UInt64(place))
          let numbers = try functions.outputs(inputs, linearized, key: key).converted(to: .float32).array(
            of: Float.self)
          let size = numbers.count / functions.count
          for draw in 0..<functions.count {
            draws[number][draw][name, default: []] += numbers[draw * size..<(draw + 1) * size]
          }
        }
        place += inputs.shape[0]
      }
      seen += place
      try progress(seen, inputs)
    }
    return zip(several, draws).map { functions, draws in
      var predictions = MemberPredictions(
        functions.likelihood, isLinearized: functions.isLinearized, sets: judged.map { ($0.name, $0.examples.count) })
      for draw in draws { predictions.add(draw) }
      predictions.logEvidence = functions.posterior.logMarginalLikelihood
      return predictions
    }
  }

  /// Number of draws; the linearised prediction of a number is one, as its distribution is known.
  private var count: Int {
    guard isLinearized else { return configuration.draws }
    return likelihood == .homoscedastic ? 1 : Self.outputDraws
  }

  /// Predictions of inputs, [draws, n, width], as `MemberPredictions` holds them.
  private func outputs(_ inputs: Tensor, _ linearized: LinearizedOutputs?, key: RandomKey) throws -> Tensor {
    let noise = posterior.noiseDeviation * posterior.noiseDeviation
    guard let linearized else {
      return try Tensor.stacked(
        (0..<count).map { draw in
          let drawn = try posterior.draw(network, key: self.key.folding(in: UInt64(draw)))
          let outputs = try network.outputs(inputs, parameters: drawn)
          guard likelihood == .homoscedastic else { return try outputs.softmax(along: 1) }
          return try Tensor.concatenated([outputs, outputs * 0 + noise], along: 1)
        })
    }
    let functions = try posterior.functions(linearized)
    guard likelihood == .homoscedastic else { return try functions.draws(count: count, key: key).softmax(along: 2) }
    let variances = try functions.covariances.reshaped(to: [-1, 1])
    return try Tensor.concatenated([functions.means, variances * 0 + noise, variances], along: 1).unsqueezed(at: 0)
  }

  /// Mean −log p of the targets of some examples under each of several approximations.
  private static func negativeLogLikelihoods(
    of examples: Examples, by several: [LaplaceFunctions]
  ) throws -> [Double] {
    let made = try predictions(of: [("validation", examples)], by: several) { _, _ in }
    return try zip(several, made).map { functions, predictions in
      guard case .categorical(let classes, _) = functions.likelihood else {
        let found = try [predictions].numberPredictions(of: "validation")
        return -zip(found, examples.values).reduce(0) { $0 + $1.0.logDensity(at: $1.1) } / Double(examples.count)
      }
      let found = try [predictions].classUncertainty(of: "validation", inputs: examples.count, classes: classes)
      return try LabelledPredictions(probabilities: found.probabilities, classes: classes, labels: examples.labels)
        .negativeLogLikelihood
    }
  }
}

extension LaplaceConfiguration.Structure {
  fileprivate var curvature: CurvatureStructure {
    switch self {
    case .diagonal: .diagonal
    case .kronecker: .kronecker
    case .full: .full
    }
  }
}
