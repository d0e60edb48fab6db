import Tensors

/// Self attention of an image's pixels, with text tokens among the keys where there are any.
///
/// Parts: `group_norm`, `to_q`, `to_k`, `to_v`, `to_out.0`; with text also `add_k_proj`, `add_v_proj` and `norm_cross`
/// (DeepFloyd IF). Output: (x + attention) / scale. Initial distribution: `to_out.0` begins at zero, so that the layer is
/// the identity at first.
struct PixelAttention {
  /// How text takes part.
  struct Text {
    let width: Int
    /// Normalises the tokens before they are projected: `norm_cross`.
    var norm: Norm?
    /// Keys are the text alone; there is no `to_k` and `to_v`.
    var only = false

    enum Norm { case group, layer }
  }

  let channels: Int
  let heads: Int
  let headWidth: Int
  /// Groups of `group_norm`; nil: there is none.
  let groups: Int?
  var epsilon = 1e-5
  var outputScale = 1.0
  var text: Text?

  private var inner: Int { heads * headWidth }
  private var groupNorm: GroupNorm? {
    groups.map { GroupNorm(channels: channels, groups: $0, epsilon: epsilon) }
  }
  private var toInner: Linear { Linear(inputs: channels, outputs: inner) }
  private var toOutput: Linear { Linear(inputs: inner, outputs: channels, startsAtZero: true) }

  var parameterShapes: [ParameterShape] {
    let own = text?.only == true ? ["to_q"] : ["to_q", "to_k", "to_v"]
    return (groupNorm?.parameterShapes.scoped("group_norm") ?? [])
      + own.flatMap { toInner.parameterShapes.scoped($0) } + toOutput.parameterShapes.scoped("to_out.0")
      + (text.map(shapes) ?? [])
  }

  private func shapes(of text: Text) -> [ParameterShape] {
    let projection = Linear(inputs: text.width, outputs: inner)
    let norm = text.norm == nil ? [] : LayerNorm(width: text.width).parameterShapes
    return norm.scoped("norm_cross") + projection.parameterShapes.scoped("add_k_proj")
      + projection.parameterShapes.scoped("add_v_proj")
  }

  func callAsFunction(_ x: Tensor, _ conditioning: Conditioning, _ parameters: ParameterScope) throws -> Tensor {
    let (height, width) = (x.shape[2], x.shape[3])
    let pixels = try (groupNorm?(x, parameters.scope("group_norm")) ?? x).imageTokens()
    let query = try project(pixels, "to_q", parameters)
    var (keys, values, bias) = ([Tensor](), [Tensor](), Tensor?.none)
    if let text {
      let tokens = try normalized(text, conditioning, parameters)
      keys.append(try project(tokens, "add_k_proj", parameters))
      values.append(try project(tokens, "add_v_proj", parameters))
      bias = conditioning.textBias
    }
    if text?.only != true {
      keys.append(try project(pixels, "to_k", parameters))
      values.append(try project(pixels, "to_v", parameters))
      // Pixels are never masked.
      if text != nil { bias = try bias?.padded([0, height * width]) }
    }
    let attended = try Tensor.attention(
      query: query, key: Self.joined(keys), value: Self.joined(values), mask: bias)
    let y =
      try x
      + toOutput(attended.joinedHeads(), parameters.scope("to_out.0")).asImage(height: height, width: width)
    return outputScale == 1 ? y : try y / outputScale
  }

  private func project(_ x: Tensor, _ name: String, _ parameters: ParameterScope) throws -> Tensor {
    let parameters = parameters.scope(name)
    return try x.linear(weight: parameters.tensor("weight"), bias: parameters.tensor("bias")).split(heads: heads)
  }

  private static func joined(_ parts: [Tensor]) throws -> Tensor {
    parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, along: 2)
  }

  private func normalized(
    _ text: Text, _ conditioning: Conditioning, _ parameters: ParameterScope
  ) throws -> Tensor {
    guard let tokens = conditioning.text else {
      throw NetworkError(.invalidArgument, "\(parameters.path) attends to text: give the network `text`")
    }
    let scope = parameters.scope("norm_cross")
    switch text.norm {
    case nil: return tokens
    case .layer: return try LayerNorm(width: text.width)(tokens, scope)
    case .group:
      // Over all tokens of a text, in 32 groups of channels.
      let norm = GroupNorm(channels: text.width, groups: 32)
      return try norm(tokens.transposed(1, 2), scope).transposed(1, 2)
    }
  }
}
