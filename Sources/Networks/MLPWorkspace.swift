import CTorch
import Specification
import Tensors

/// An MLP bound to one batch of inputs, with all its buffers kept: outputs and gradients without allocation or graph.
///
/// The gradient is derived by hand and equals automatic differentiation up to rounding; it is several times faster on
/// small networks, where recording costs more than arithmetic. A workspace belongs to one thread at a time.
public final class MLPWorkspace {
  /// The network.
  public let network: MLP
  /// Rows of the batch.
  public let rows: Int
  private let handle: OpaquePointer

  /// Binds a network to a batch.
  /// - Parameters:
  ///   - inputs: row-major, a whole number of rows of the network's input width, one row at least.
  ///   - precision: `.float32` or `.float64`; positions and gradients are `Double` either way.
  /// - Throws: `TensorError` if the inputs do not fit the network.
  public init(_ network: MLP, inputs: [Double], precision: DataType = .float32) throws(TensorError) {
    let widths = network.widths.map(Int64.init)
    guard let width = network.widths.first, width > 0, !inputs.isEmpty, inputs.count.isMultiple(of: width) else {
      throw TensorError(
        .invalidArgument, "\(inputs.count) inputs are not one row or more of a network of widths \(network.widths)")
    }
    let rows = inputs.count / width
    var handle: OpaquePointer?
    try checked {
      ctorch_perceptron_create(
        widths, Int64(widths.count), network.activation.cValue, precision.cValue, inputs, Int64(rows), &handle, $0)
    }
    guard let handle else { throw TensorError(.operationFailed, "libtorch returned no network") }
    self.handle = handle
    self.network = network
    self.rows = rows
  }

  deinit { ctorch_perceptron_free(handle) }

  /// Numbers in the outputs: rows times the network's output width.
  public var outputCount: Int { rows * (network.widths.last ?? 0) }

  /// Writes the network's outputs, row-major, for the leading `parameterCount` numbers of `parameters`.
  /// - Throws: `TensorError` if an array is too short.
  public func evaluate(_ parameters: [Double], outputs: inout [Double]) throws(TensorError) {
    guard parameters.count >= network.parameterCount, outputs.count == outputCount else {
      throw TensorError(
        .invalidArgument, "the network takes \(network.parameterCount) parameters and gives \(outputCount) outputs")
    }
    try checked { ctorch_perceptron_forward(handle, parameters, &outputs, $0) }
  }

  /// Writes Jᵀ v into the leading `parameterCount` numbers of `gradient`: J is the Jacobian of the outputs at the
  /// parameters of the last `evaluate`, v a weight for every output.
  /// - Throws: `TensorError` if an array is too short.
  public func pullBack(_ outputGradient: [Double], gradient: inout [Double]) throws(TensorError) {
    guard gradient.count >= network.parameterCount, outputGradient.count == outputCount else {
      throw TensorError(
        .invalidArgument, "the network takes \(network.parameterCount) parameters and gives \(outputCount) outputs")
    }
    try checked { ctorch_perceptron_backward(handle, outputGradient, &gradient, $0) }
  }
}

extension Activation {
  var cValue: CTorchUnary {
    switch self {
    case .tanh: CTORCH_TANH
    case .relu: CTORCH_RELU
    case .gelu: CTORCH_GELU
    case .silu: CTORCH_SILU
    }
  }
}
