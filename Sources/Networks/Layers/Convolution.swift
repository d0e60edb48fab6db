import Tensors

/// A square convolution of [n, inputs, h, w], with parameters `weight` [outputs, inputs, kernel, kernel] and `bias`.
///
/// Initial distribution: uniform within ±1/√(inputs · kernel²), or zeros; with `keepsVariance` the weight's is normal with
/// variance 2 / (outputs · kernel²), which keeps the variance of gradients through rectifiers (He et al. 2015, section 2.2).
struct Convolution {
  let inputs: Int
  let outputs: Int
  var kernel = 3
  var stride = 1
  /// Zeros on each side; by default so many that stride 1 keeps the size.
  var padding: Int?
  var startsAtZero = false
  var keepsVariance = false
  var hasBias = true

  /// Zeros on each side.
  var zeros: Int { padding ?? (kernel - 1) / 2 }

  var parameterShapes: [ParameterShape] {
    let initial = ParameterShape.Initial.fan(inputs * kernel * kernel, orZero: startsAtZero)
    let he = ParameterShape.Initial.normal(deviation: (2 / Double(outputs * kernel * kernel)).squareRoot())
    let weight = ParameterShape("weight", [outputs, inputs, kernel, kernel], keepsVariance ? he : initial)
    return hasBias ? [weight, ParameterShape("bias", [outputs], initial)] : [weight]
  }

  func callAsFunction(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try x.convolved(
      weight: parameters.tensor("weight"), bias: hasBias ? parameters.tensor("bias") : nil, stride: stride,
      padding: zeros)
  }
}
