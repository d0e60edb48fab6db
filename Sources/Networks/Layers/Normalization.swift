import Tensors

/// Group normalisation (Wu & He 2018) of [n, channels, ..], with parameters `weight` and `bias`, which begin as 1 and 0.
struct GroupNorm {
  let channels: Int
  let groups: Int
  var epsilon = 1e-5

  var parameterShapes: [ParameterShape] {
    [ParameterShape("weight", [channels], .ones), ParameterShape("bias", [channels], .zeros)]
  }

  func callAsFunction(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try x.groupNormalized(
      groups: groups, weight: parameters.tensor("weight"), bias: parameters.tensor("bias"), epsilon: epsilon)
  }
}

/// Layer normalisation (Ba et al. 2016) over the last dimension, with parameters `weight` and `bias`, which begin as 1 and 0.
struct LayerNorm {
  let width: Int
  var epsilon = 1e-5

  var parameterShapes: [ParameterShape] {
    [ParameterShape("weight", [width], .ones), ParameterShape("bias", [width], .zeros)]
  }

  func callAsFunction(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try x.layerNormalized(
      weight: parameters.tensor("weight"), bias: parameters.tensor("bias"), epsilon: epsilon)
  }
}
