import Tensors

/// y = x Wᵀ + b over the last dimension, with parameters `weight` [outputs, inputs] and `bias` [outputs].
///
/// Initial distribution: uniform within ±1/√inputs, or zeros.
struct Linear {
  let inputs: Int
  let outputs: Int
  var hasBias = true
  var startsAtZero = false

  var parameterShapes: [ParameterShape] {
    let initial = ParameterShape.Initial.fan(inputs, orZero: startsAtZero)
    let weight = ParameterShape("weight", [outputs, inputs], initial)
    return hasBias ? [weight, ParameterShape("bias", [outputs], initial)] : [weight]
  }

  func callAsFunction(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try x.linear(weight: parameters.tensor("weight"), bias: hasBias ? parameters.tensor("bias") : nil)
  }
}

extension ParameterShape.Initial {
  /// Uniform within ±1/√inputs, what PyTorch's layers begin with, or zeros.
  static func fan(_ inputs: Int, orZero startsAtZero: Bool = false) -> Self {
    startsAtZero ? .zeros : .uniform(bound: 1 / Double(inputs).squareRoot())
  }
}

extension [ParameterShape] {
  /// The same parameters as a part of that name declares them.
  func scoped(_ name: String) -> [ParameterShape] {
    map { ParameterShape("\(name).\($0.name)", $0.shape, $0.initial) }
  }
}
