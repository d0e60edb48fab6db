import Foundation
import Networks
import Tensors

/// The Gaussian N(θ*, P⁻¹) over a network's weights, P = H / σ² + diag δ, that a `LaplaceFit` found; σ is 1 for classes.
///
/// It holds the curvature, not the trained weights: those come with the network it is used with.
public struct LaplacePosterior {
  /// How much of the Hessian is kept.
  public let structure: CurvatureStructure
  /// What the network's outputs are.
  public let likelihood: LaplaceFit.Likelihood
  /// δ, one a layer in the order in which they are run.
  public let priorPrecisions: [Double]
  /// σ of Gaussian targets; 1 for classes.
  public let noiseDeviation: Double
  let layers: [LaplaceLayer]
  let sums: [Tensor]
  let misfit: LaplaceFit.Misfit
  /// ‖θ*‖² of each layer.
  let squares: [Double]
  private let curvature: any Curvature
  private let precision: any PosteriorPrecision

  init(
    structure: CurvatureStructure, likelihood: LaplaceFit.Likelihood, layers: [LaplaceLayer], sums: [Tensor],
    misfit: LaplaceFit.Misfit, squares: [Double], priorPrecisions: [Double], noiseDeviation: Double
  ) throws {
    (self.structure, self.likelihood, self.layers, self.sums) = (structure, likelihood, layers, sums)
    (self.misfit, self.squares, self.priorPrecisions) = (misfit, squares, priorPrecisions)
    self.noiseDeviation = likelihood == .categorical ? 1 : noiseDeviation
    curvature = try structure.type.init(sums: sums, layers: layers, rows: misfit.rows)
    precision = try Self.precision(curvature, layers, priorPrecisions, self.noiseDeviation)
  }

  private init(_ other: LaplacePosterior, priorPrecisions: [Double], noiseDeviation: Double) throws {
    (structure, likelihood, layers, sums) = (other.structure, other.likelihood, other.layers, other.sums)
    (misfit, squares, curvature) = (other.misfit, other.squares, other.curvature)
    self.priorPrecisions = priorPrecisions
    self.noiseDeviation = likelihood == .categorical ? 1 : noiseDeviation
    precision = try Self.precision(curvature, layers, priorPrecisions, self.noiseDeviation)
  }

  private static func precision(
    _ curvature: any Curvature, _ layers: [LaplaceLayer], _ priors: [Double], _ noise: Double
  ) throws -> any PosteriorPrecision {
    try require(
      priors.count == layers.count && (priors + [noise]).allSatisfy { $0 > 0 && $0.isFinite },
      "a posterior needs a positive prior precision for each of \(layers.count) layers and a positive noise, not \(priors) and \(noise)"
    )
    return try curvature.precision(scale: 1 / (noise * noise), priors: priors)
  }

  /// The same curvature under another prior and noise.
  /// - Parameters:
  ///   - priorPrecisions: one for all layers, or one a layer.
  ///   - noiseDeviation: nil keeps it.
  /// - Throws: `PosteriorError` if a count does not fit or a number is not positive.
  public func with(priorPrecisions: [Double], noiseDeviation: Double? = nil) throws -> LaplacePosterior {
    let priors = priorPrecisions.count == 1 ? layers.map { _ in priorPrecisions[0] } : priorPrecisions
    return try LaplacePosterior(self, priorPrecisions: priors, noiseDeviation: noiseDeviation ?? self.noiseDeviation)
  }

  /// log det P, over all weights that have a posterior.
  public var logDeterminant: Double { precision.logDeterminant }

  /// log p(data | θ*).
  public var logLikelihood: Double {
    switch likelihood {
    case .categorical: -misfit.sum
    case .gaussian:
      -misfit.sum / (2 * noiseDeviation * noiseDeviation)
        - Double(misfit.rows * misfit.outputs) * (log(noiseDeviation) + log(2 * Double.pi) / 2)
    }
  }

  /// The log evidence, log p(data) ≈ log p(data | θ*) − ½ (log det P − log det diag δ + θ*ᵀ diag δ θ*).
  ///
  /// Source: MacKay 1992; Immer et al., "Scalable marginal likelihood estimation for model selection in deep learning", ICML
  /// 2021, eq. 6.
  public var logMarginalLikelihood: Double {
    var penalty = precision.logDeterminant
    for (layer, (prior, square)) in zip(layers, zip(priorPrecisions, squares)) {
      penalty += prior * square - Double(layer.count) * log(prior)
    }
    return logLikelihood - penalty / 2
  }

  /// The effective number of weights of each layer, γ = count − δ tr P⁻¹: as many as the data decide.
  public var effectiveParameters: [Double] {
    zip(layers, zip(priorPrecisions, precision.covarianceTraces)).map { Double($0.count) - $1.0 * $1.1 }
  }

  /// Means and covariances of the outputs of the network made linear in its weights around θ*, f(x) + J(x) (θ − θ*).
  ///
  /// Source: Immer, Korzepa & Bauer, "Improving predictions of Bayesian neural nets via local linearization", AISTATS 2021.
  /// - Parameter inputs: [rows, ..]; a row takes the memory of its Jacobian in the largest layer.
  /// - Throws: `PosteriorError` if the network is not the one that was fitted; what the network throws.
  public func functions(_ network: LaplaceNetwork, _ inputs: Tensor) throws -> FunctionDistribution {
    try functions(LinearizedOutputs(network, inputs))
  }

  /// The same of outputs that several posteriors of one network are asked about.
  /// - Throws: `PosteriorError` if the network is not the one that was fitted.
  public func functions(_ outputs: LinearizedOutputs) throws -> FunctionDistribution {
    try requireFits(outputs.traces.map(\.layer))
    return try withoutGradient {
      FunctionDistribution(means: outputs.means, covariances: try precision.covariance(of: outputs.traces))
    }
  }

  /// Parameters drawn from the posterior: a function of the key. Those without a posterior are the trained ones.
  /// - Throws: `NetworkError` if the parameters are not those of the network that was fitted.
  public func draw(_ network: LaplaceNetwork, key: RandomKey) throws -> ParameterSet {
    var drawn: [String: Tensor] = [:]
    for (layer, deviation) in zip(layers, try precision.draw(key: key)) {
      let vector = try layer.vector(network.parameters) + deviation
      let split = layer.outputs * layer.inputs
      drawn["\(layer.name).weight"] = try vector.narrowed(start: 0, length: split)
      if layer.hasBias { drawn["\(layer.name).bias"] = try vector.narrowed(start: split, length: layer.outputs) }
    }
    return ParameterSet(
      try zip(network.parameters.names, network.parameters.tensors).map { name, trained in
        guard let vector = drawn[name] else { return (name, trained) }
        return (name, try vector.reshaped(to: trained.shape).converted(to: trained.type))
      })
  }

  private func requireFits(_ found: [LaplaceLayer]) throws(PosteriorError) {
    try require(
      found == layers,
      "the posterior is of the layers \(layers.map(\.name)), not \(found.map(\.name)) of these shapes: it belongs to another network"
    )
  }
}
