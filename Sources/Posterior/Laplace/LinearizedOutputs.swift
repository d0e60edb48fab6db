import Tensors

/// A network's outputs for some inputs with their derivatives in the weights, which do not depend on a posterior.
public struct LinearizedOutputs {
  /// [rows, outputs], 64-bit.
  public let means: Tensor
  let traces: [LayerTrace]

  /// Runs a network and differentiates it.
  /// - Parameter inputs: [rows, ..].
  public init(_ network: LaplaceNetwork, _ inputs: Tensor) throws {
    let pass = try network.recorded(inputs)
    traces = try LayerTrace.of(pass, layers: pass.layers.map { try LaplaceLayer($0, network.parameters) })
    means = try pass.outputs.detached().converted(to: .float64)
  }
}
