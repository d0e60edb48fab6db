import Tensors

/// A square convolution of [n, inputs, h, w], with parameters `weight` [outputs, inputs, kernel, kernel] and `bias`.
///
/// Initial distribution: uniform within ±1/√(inputs · kernel²), or zeros.
struct Convolution {
  let inputs: Int
  let outputs: Int
  var kernel = 3
  var stride = 1
  /// Zeros on each side; by default so many that the size stays.
  var padding: Int?
  var startsAtZero = false

  var parameterShapes: [ParameterShape] {
    let initial = ParameterShape.Initial.fan(inputs * kernel * kernel, orZero: startsAtZero)
    return [
      ParameterShape("weight", [outputs, inputs, kernel, kernel], initial), ParameterShape("bias", [outputs], initial),
    ]
  }

  func callAsFunction(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try x.convolved(
      weight: parameters.tensor("weight"), bias: parameters.tensor("bias"), stride: stride,
      padding: padding ?? (kernel - 1) / 2)
  }
}
