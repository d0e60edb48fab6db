import Foundation
import Networks
import Specification
import Tensors
import Uncertainty

/// The posterior of y = f(x; w) + σ z, f a multilayer perceptron, given rows of data.
///
/// A position is (w, log σ if it is one that is learned, log τ₁ … log τ_L if the prior is hierarchical), w being the network's
/// flat parameter vector, see `MLP`. Noise of each row's own has log σ for a second output of the network. Priors: w ~ N(0, s² I),
/// or w of layer l ~ N(0, τ_l² I) with τ_l half-normal, sampled as log τ_l with its Jacobian; log σ ~ N(location, scale²). An
/// instance keeps buffers and belongs to one thread.
public final class MLPRegression: RegressionModel {
  /// The network f.
  public let network: MLP
  let likelihood: MLPLikelihood
  private let configuration: MLPConfiguration
  private let layout: Layout

  /// Makes the posterior of data.
  /// - Parameters:
  ///   - inputs: row-major, rows × columns, standardised.
  ///   - targets: one a row, standardised.
  /// - Throws: `PosteriorError` if lengths do not fit or a number is not finite.
  public init(
    inputs: [Double], rows: Int, columns: Int, targets: [Double], configuration: MLPConfiguration
  ) throws(PosteriorError) {
    let data = try TrainingRows(inputs: inputs, rows: rows, columns: columns, targets: targets)
    try Self.validate(configuration)
    network = MLP(
      inputs: columns, hidden: configuration.hidden, outputs: configuration.noise == .perRow ? 2 : 1,
      activation: configuration.activation)
    likelihood = try MLPLikelihood(network, Self.family(configuration), inputs: data.inputs, targets: data.targets)
    layout = Layout(network: network, configuration: configuration)
    self.configuration = configuration
  }

  private static func family(_ configuration: MLPConfiguration) -> MLPLikelihood.Family {
    configuration.noise == .perRow ? .normalPerRow : .normal
  }

  /// Length of a position.
  public var dimensions: Int { layout.dimensions }

  /// The log density and its gradient.
  public func valueAndGradient(at position: [Double], gradient: inout [Double]) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    try requireCount(gradient.count)
    let likelihood = likelihood.value(at: position, noise: noiseScale(at: position), gradient: &gradient)
    return posterior(likelihood, at: position, gradient: &gradient)
  }

  /// The log posterior, from a log likelihood whose gradient in the weights `gradient` holds already.
  func posterior(
    _ likelihood: (value: Double, noiseGradient: Double), at position: [Double], gradient: inout [Double]
  ) -> Double {
    for i in network.parameterCount..<dimensions { gradient[i] = 0 }
    if case .learned = configuration.noise { gradient[layout.logNoise] = likelihood.noiseGradient }
    return likelihood.value + prior(at: position, addingTo: &gradient)
  }

  /// The log prior, with its gradient added to `gradient`.
  func prior(at position: [Double], addingTo gradient: inout [Double]) -> Double {
    var value = 0.0
    for (index, layer) in network.layers.enumerated() {
      value += weightPrior(of: layer, index, at: position, gradient: &gradient)
    }
    if case .learned(let location, let scale) = configuration.noise {
      let logSigma = position[layout.logNoise]
      value += normalLogDensity(logSigma, mean: location, deviation: scale)
      gradient[layout.logNoise] -= (logSigma - location) / (scale * scale)
    }
    return value
  }

  /// The log prior of one layer's weights and biases, and of its scale if that is sampled.
  private func weightPrior(
    of layer: Dense, _ index: Int, at position: [Double], gradient: inout [Double]
  ) -> Double {
    let tau = layout.priorScale(index, position)
    let count = Double(layer.parameterCount)
    let range = layer.offset..<(layer.offset + layer.parameterCount)
    let squares = subtractScaled(1 / (tau * tau), position, from: &gradient, over: range) / (tau * tau)
    let value = -squares / 2 - count * (log(tau) + log(2 * Double.pi) / 2)
    guard case .hierarchical(let scale) = configuration.prior else { return value }
    let prior = LogScalePrior.halfNormal(tau, scale: scale)
    gradient[layout.logPriorScale + index] += squares - count + prior.derivative
    return value + prior.value
  }

  /// Weights from the network's initial distribution, biases 0, log σ and log τ close to their priors' centres.
  public func initialPosition(key: RandomKey) -> [Double] {
    var position = network.initialParameters(key: key.purpose("network"))
    let normals = key.purpose("scales").normals(count: dimensions - position.count)
    for (normal, index) in zip(normals, position.count...) {
      position.append(layout.center(of: index) + 0.1 * normal)
    }
    return position
  }

  /// f and σ at every row of inputs.
  public func predictions(at position: [Double], inputs: [Double]) throws(PosteriorError) -> RowPredictions {
    try requireCount(position.count)
    let rows = try MLPLikelihood(network, Self.family(configuration), inputs: inputs, targets: nil)
    let outputs = rows.outputs(at: position)
    guard configuration.noise == .perRow else {
      let sigma = noiseScale(at: position)
      return RowPredictions(means: outputs, deviations: [Double](repeating: sigma, count: rows.rows))
    }
    return RowPredictions(
      means: stride(from: 0, to: outputs.count, by: 2).map { outputs[$0] },
      deviations: stride(from: 1, to: outputs.count, by: 2).map { exp(outputs[$0]) })
  }

  /// σ at a position; 1 where each row has its own.
  public func noiseScale(at position: [Double]) -> Double {
    switch configuration.noise {
    case .fixed(let scale): scale
    case .learned: exp(position[layout.logNoise])
    case .perRow: 1
    }
  }

  /// The standard deviation of the prior of every layer's weights and biases at a position.
  public func priorScales(at position: [Double]) -> [Double] {
    network.layers.indices.map { layout.priorScale($0, position) }
  }

  /// `weights` (the network's flat vector), `sigma` if it is one for all rows, and `prior_scale` if it is sampled.
  public func parameters(at position: [Double]) -> [NamedArray] {
    var parameters = [
      NamedArray(
        name: "weights", shape: [network.parameterCount], values: Array(position[..<network.parameterCount]))
    ]
    if configuration.noise != .perRow {
      parameters.append(NamedArray(name: "sigma", shape: [], values: [noiseScale(at: position)]))
    }
    if case .hierarchical = configuration.prior {
      let scales = priorScales(at: position)
      parameters.append(NamedArray(name: "prior_scale", shape: [scales.count], values: scales))
    }
    return parameters
  }
}
