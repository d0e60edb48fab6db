import Specification
import Tensors

/// A multilayer perceptron: dense layers with an activation after each but the last.
///
/// Its parameters are one flat vector: the layers in order, each its weight [outputs, inputs] row-major, then its bias.
public struct MLP: Equatable, Sendable {
  /// The layers, from the inputs on.
  public let layers: [Dense]
  /// What follows each layer but the last.
  public let activation: Activation

  /// Makes a network of `inputs` → hidden widths → `outputs`; without hidden layers it is linear.
  public init(inputs: Int, hidden: [Int], outputs: Int, activation: Activation) {
    var offset = 0
    layers = zip([inputs] + hidden, hidden + [outputs]).map { width, next in
      let layer = Dense(inputs: width, outputs: next, offset: offset)
      offset += layer.parameterCount
      return layer
    }
    self.activation = activation
  }

  /// Length of the flat parameter vector.
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

  /// Width of a row of inputs, of every hidden layer, and of a row of outputs.
  public var widths: [Int] { layers.prefix(1).map(\.inputs) + layers.map(\.outputs) }

  /// The outputs, [n, outputs], for inputs [n, inputs] and a flat parameter vector; differentiable.
  /// - Throws: `TensorError` if a shape does not fit.
  public func callAsFunction(_ inputs: Tensor, parameters: Tensor) throws(TensorError) -> Tensor {
    var x = inputs
    for (index, layer) in layers.enumerated() {
      x = try layer(x, parameters: parameters)
      if index < layers.count - 1 { x = try activation(x) }
    }
    return x
  }

  /// A draw of all parameters from the layers' initial distributions.
  public func initialParameters(key: RandomKey) -> [Double] {
    layers.enumerated().flatMap { index, layer in layer.initialParameters(key: key.folding(in: UInt64(index))) }
  }
}

extension Activation {
  /// The activation of every element.
  public func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
    switch self {
    case .tanh: try x.tanh()
    case .relu: try x.relu()
    case .gelu: try x.gelu()
    case .silu: try x.silu()
    }
  }
}
