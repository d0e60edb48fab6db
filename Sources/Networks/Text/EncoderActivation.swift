import Formats
import Tensors

/// The activations of text encoders, by their names in configurations.
enum EncoderActivation: String, CaseIterable, Sendable {
  case relu, gelu, silu
  /// GELU's approximation by a hyperbolic tangent.
  case geluNew = "gelu_new"

  init(_ name: String, file: String) throws(NetworkError) {
    // One formula, several names.
    let aliases = ["gelu_pytorch_tanh": "gelu_new", "gelu_fast": "gelu_new", "swish": "silu"]
    guard let activation = Self(rawValue: aliases[name] ?? name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw NetworkError(.textEncoder, "\(file): the activation \(shown(name)) is not built; there are: \(known)")
    }
    self = activation
  }

  func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
    switch self {
    case .relu: try x.relu()
    case .gelu: try x.gelu()
    case .silu: try x.silu()
    case .geluNew: try x.geluTanh()
    }
  }
}
