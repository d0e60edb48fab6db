import Tensors

/// Non-linearities of U-Nets, by diffusers' names.
public enum Nonlinearity: String, CaseIterable, Sendable {
  case silu, swish, gelu, relu, mish

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    switch self {
    case .silu, .swish: try x.silu()
    case .gelu: try x.gelu()
    case .relu: try x.relu()
    case .mish: try x * x.softplus().tanh()
    }
  }
}
