import Foundation
import Networks
import Specification
import Tensors
import Uncertainty

/// The posterior of y = f(x; w) + σ z, f a multilayer perceptron of one output, given rows of data.
///
/// A position is (w, log σ if it is learned, log τ₁ … log τ_L if the prior is hierarchical), w being the network's flat
/// parameter vector, see `MLP`. Priors: w ~ N(0, s² I), or w of layer l ~ N(0, τ_l² I) with τ_l half-normal, sampled as
/// log τ_l with its Jacobian; log σ ~ N(location, scale²). The network and its gradient are computed by libtorch, by hand,
/// without a graph; an instance keeps buffers and belongs to one thread.
public final class MLPRegression: RegressionModel {
  /// The network f.
  public let network: MLP
  private let configuration: MLPConfiguration
  private let precision: DataType
  private let targets: [Double]
  private let layout: Layout
  private let workspace: MLPWorkspace
  private var outputs: [Double]
  private var outputGradient: [Double]

  /// Makes the posterior of data.
  /// - Parameters:
  ///   - inputs: row-major, rows × columns, standardised.
  ///   - targets: one a row, standardised.
  ///   - precision: what the network is computed in, `.float32` or `.float64`.
  /// - Throws: `PosteriorError` if lengths do not fit or a number is not finite.
  public init(
    inputs: [Double], rows: Int, columns: Int, targets: [Double], configuration: MLPConfiguration,
    precision: DataType = .float32
  ) throws(PosteriorError) {
    let data = try TrainingRows(inputs: inputs, rows: rows, columns: columns, targets: targets)
    try Self.validate(configuration)
    let network = MLP(
      inputs: columns, hidden: configuration.hidden, outputs: 1, activation: configuration.activation)
    workspace = try densityStep("setting up the network") { () throws(TensorError) in
      try MLPWorkspace(network, inputs: data.inputs, precision: precision)
    }
    layout = Layout(network: network, configuration: configuration)
    (self.network, self.configuration, self.precision, self.targets) = (network, configuration, precision, targets)
    outputs = [Double](repeating: 0, count: rows)
    outputGradient = outputs
  }

  /// Length of a position.
  public var dimensions: Int { layout.dimensions }

  /// The log density and its gradient.
  public func valueAndGradient(at position: [Double], gradient: inout [Double]) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    try requireCount(gradient.count)
    for i in network.parameterCount..<dimensions { gradient[i] = 0 }
    var value = try likelihood(at: position, gradient: &gradient)
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

  /// Σ log N(y; f(x), σ), with its gradient in w overwriting and in log σ added to `gradient`.
  private func likelihood(at position: [Double], gradient: inout [Double]) throws(PosteriorError) -> Double {
    let sigma = noiseScale(at: position)
    let weight = 1 / (sigma * sigma)
    try densityStep("the network") { () throws(TensorError) in
      try workspace.evaluate(position, outputs: &outputs)
    }
    var misfit = 0.0
    for row in targets.indices {
      let residual = targets[row] - outputs[row]
      misfit += residual * residual
      outputGradient[row] = residual * weight
    }
    try densityStep("the network's gradient") { () throws(TensorError) in
      try workspace.pullBack(outputGradient, gradient: &gradient)
    }
    let rows = Double(targets.count)
    if case .learned = configuration.noise { gradient[layout.logNoise] += misfit * weight - rows }
    return -misfit * weight / 2 - rows * (log(sigma) + log(2 * Double.pi) / 2)
  }

  /// The log prior of one layer's weights and biases, and of its scale if that is sampled.
  private func weightPrior(
    of layer: Dense, _ index: Int, at position: [Double], gradient: inout [Double]
  ) -> Double {
    let tau = layout.priorScale(index, position)
    let count = Double(layer.parameterCount)
    var squares = 0.0
    for i in layer.offset..<(layer.offset + layer.parameterCount) {
      squares += position[i] * position[i]
      gradient[i] -= position[i] / (tau * tau)
    }
    squares /= tau * tau
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

  /// f at every row of inputs.
  public func predictions(at position: [Double], inputs: [Double]) throws(PosteriorError) -> [Double] {
    try requireCount(position.count)
    return try densityStep("the network") { () throws(TensorError) in
      let workspace = try MLPWorkspace(network, inputs: inputs, precision: precision)
      var outputs = [Double](repeating: 0, count: workspace.outputCount)
      try workspace.evaluate(position, outputs: &outputs)
      return outputs
    }
  }

  /// σ at a position.
  public func noiseScale(at position: [Double]) -> Double {
    switch configuration.noise {
    case .fixed(let scale): scale
    case .learned: exp(position[layout.logNoise])
    }
  }

  /// The standard deviation of the prior of every layer's weights and biases at a position.
  public func priorScales(at position: [Double]) -> [Double] {
    network.layers.indices.map { layout.priorScale($0, position) }
  }

  /// `weights` (the network's flat vector), `sigma` and, if it is sampled, `prior_scale`.
  public func parameters(at position: [Double]) -> [NamedArray] {
    var parameters = [
      NamedArray(
        name: "weights", shape: [network.parameterCount], values: Array(position[..<network.parameterCount])),
      NamedArray(name: "sigma", shape: [], values: [noiseScale(at: position)]),
    ]
    if case .hierarchical = configuration.prior {
      let scales = priorScales(at: position)
      parameters.append(NamedArray(name: "prior_scale", shape: [scales.count], values: scales))
    }
    return parameters
  }
}
