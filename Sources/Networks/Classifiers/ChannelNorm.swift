import Specification
import Tensors

/// What stands between a layer and its activation in a classifier, with the activation.
struct ChannelNorm {
  typealias Kind = ClassifierConfiguration.Normalization

  let kind: Kind
  /// Name of its parameters in the network.
  let name: String
  let channels: Int
  /// What follows: a rectifier in a classifier of pictures; nothing before a sum.
  var activation: Activation?

  /// Whether the activation is the learned threshold max(y, τ) that belongs to filter response normalisation.
  private var hasThreshold: Bool { kind == .filterResponse && activation != nil }

  var parameterShapes: [ParameterShape] {
    guard kind != .identity else { return [] }
    let affine = [ParameterShape("weight", [channels], .ones), ParameterShape("bias", [channels], .zeros)]
    return (affine + (hasThreshold ? [ParameterShape("tau", [channels], .zeros)] : [])).scoped(name)
  }

  var statisticShapes: [ParameterShape] {
    guard kind == .batch else { return [] }
    return [ParameterShape("running_mean", [channels], .zeros), ParameterShape("running_var", [channels], .ones)]
      .scoped(name)
  }

  func callAsFunction(_ x: Tensor, _ parameters: ParameterSet, _ pass: ForwardPass) throws -> Tensor {
    switch kind {
    case .identity: return try activation?(x) ?? x
    case .batch:
      let y = try pass.normalize(x, name, parameters)
      return try activation?(y) ?? y
    case .filterResponse:
      let y = try filterResponse(x, parameters.scope(name))
      return hasThreshold ? try y.maximum(perChannel(parameters.tensor("\(name).tau"))) : y
    }
  }

  /// γ x / √(mean over pixels of x² + ε) + β, each channel of each picture by itself (Singh & Krishnan 2020, equation 1).
  private func filterResponse(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    let rate = try (x.squared().mean(alongAll: [2, 3], keepingDimensions: true) + 1e-6).rsqrt()
    return try x * (rate * perChannel(parameters.tensor("weight"))) + perChannel(parameters.tensor("bias"))
  }

  private func perChannel(_ values: Tensor) throws -> Tensor { try values.reshaped(to: [1, channels, 1, 1]) }
}
