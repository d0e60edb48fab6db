import Networks
import Tensors

/// A run of a network over a batch, with the layers whose weights get a posterior.
public struct RecordedPass {
  /// What came out, [batch, outputs]: logits, or means.
  public let outputs: Tensor
  /// The layers in the order in which they were run; the last one is the last layer.
  public let layers: [ForwardPass.Layer]

  /// Records a run.
  public init(outputs: Tensor, layers: [ForwardPass.Layer]) {
    (self.outputs, self.layers) = (outputs, layers)
  }
}

/// A trained network as a Laplace approximation sees it.
///
/// Linear layers and convolutions get a posterior; every other parameter, such as a norm's, stays as it was trained. A row's
/// output must not depend on the other rows: batch norms run with stored statistics, and nothing is dropped.
public struct LaplaceNetwork {
  /// The trained parameters.
  public let parameters: ParameterSet
  /// Whether the last layer alone gets a posterior.
  public let isLastLayerOnly: Bool
  private let run: (Tensor, ParameterSet) throws -> RecordedPass

  /// Makes a network of a closure, such as
  ///
  ///     LaplaceNetwork(parameters: trained) { inputs, parameters in
  ///       let hidden = try inputs.linear(weight: parameters.tensor("1.weight"), bias: parameters.tensor("1.bias"))
  ///       let active = try hidden.tanh()
  ///       let outputs = try active.linear(weight: parameters.tensor("2.weight"), bias: parameters.tensor("2.bias"))
  ///       return RecordedPass(
  ///         outputs: outputs,
  ///         layers: [
  ///           ForwardPass.Layer(name: "1", kind: .linear, input: inputs, output: hidden),
  ///           ForwardPass.Layer(name: "2", kind: .linear, input: active, output: outputs),
  ///         ])
  ///     }
  ///
  /// - Parameter run: maps inputs and parameters to outputs, and records the layers.
  public init(
    parameters: ParameterSet, isLastLayerOnly: Bool = false,
    run: @escaping (Tensor, ParameterSet) throws -> RecordedPass
  ) {
    (self.parameters, self.isLastLayerOnly, self.run) = (parameters, isLastLayerOnly, run)
  }

  /// Takes a feed-forward network, its trained parameters and its running statistics.
  public init(
    _ network: FeedForwardNetwork, parameters: ParameterSet, statistics: ParameterSet, isLastLayerOnly: Bool = false
  ) {
    self.init(parameters: parameters, isLastLayerOnly: isLastLayerOnly) { inputs, parameters in
      let pass = ForwardPass(normalization: .stored(statistics), records: true)
      return RecordedPass(outputs: try network(inputs, parameters: parameters, pass: pass), layers: pass.layers)
    }
  }

  /// Outputs [batch, outputs] under other parameters, such as drawn ones.
  public func outputs(_ inputs: Tensor, parameters: ParameterSet) throws -> Tensor {
    try withoutGradient { try run(inputs, parameters).outputs }
  }

  /// Runs a batch so that it can be differentiated.
  func recorded(_ inputs: Tensor) throws -> RecordedPass {
    let pass = try run(inputs, parameters.tracked())
    guard pass.outputs.shape.count == 2, let last = pass.layers.last else {
      throw PosteriorError(
        .invalidArgument,
        "a Laplace approximation needs outputs [batch, outputs] and recorded layers, not \(pass.outputs.shape) of \(pass.layers.count) layers"
      )
    }
    return RecordedPass(outputs: pass.outputs, layers: isLastLayerOnly ? [last] : pass.layers)
  }
}

/// A layer whose weights have a posterior.
struct LaplaceLayer: Equatable, Sendable {
  /// Path of its parameters.
  let name: String
  let outputs: Int
  /// Numbers that one output is computed from: inputs, or channels · kernel².
  let inputs: Int
  let hasBias: Bool

  /// Numbers in weight and bias, which lie in this order in a vector.
  var count: Int { outputs * (inputs + (hasBias ? 1 : 0)) }

  init(name: String, outputs: Int, inputs: Int, hasBias: Bool) {
    (self.name, self.outputs, self.inputs, self.hasBias) = (name, outputs, inputs, hasBias)
  }

  init(_ layer: ForwardPass.Layer, _ parameters: ParameterSet) throws {
    let weight = try parameters.tensor("\(layer.name).weight")
    name = layer.name
    outputs = weight.shape.first ?? 0
    inputs = outputs > 0 ? weight.count / outputs : 0
    hasBias = parameters.has("\(layer.name).bias")
  }

  /// Weight and bias of a set as one vector of 64-bit numbers.
  func vector(_ parameters: ParameterSet) throws -> Tensor {
    var parts = [try parameters.tensor("\(name).weight").reshaped(to: [-1])]
    if hasBias { parts.append(try parameters.tensor("\(name).bias")) }
    return try Tensor.concatenated(parts.map { try $0.converted(to: .float64) }, along: 0)
  }
}
