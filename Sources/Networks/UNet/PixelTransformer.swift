import Tensors

/// Transformer blocks over an image's pixels that attend to text: diffusers' Transformer2DModel (Rombach et al. 2022).
///
///     y = x + proj_out(blocks(proj_in(norm(x))))
///     block: t += attn1(norm1(t)); t += attn2(norm2(t), text); t += ff(norm3(t))
///
/// Initial distribution: `proj_out` begins at zero, so that the whole is the identity at first.
struct PixelTransformer {
  let channels: Int
  let heads: Int
  let groups: Int
  let textWidth: Int
  /// Number of blocks.
  var depth = 1
  /// `proj_in` and `proj_out` act on tokens, as linear layers, and not on the image, as convolutions.
  var projectsTokens = false
  /// `attn1` attends to the text too.
  var attendsToTextOnly = false

  private var norm: GroupNorm { GroupNorm(channels: channels, groups: groups, epsilon: 1e-6) }
  /// A 1 × 1 convolution is a linear layer on pixels; only the weight's shape tells them apart.
  private func projection(startsAtZero: Bool) -> Linear {
    Linear(inputs: channels, outputs: channels, startsAtZero: startsAtZero)
  }
  private var block: TokenBlock {
    TokenBlock(width: channels, heads: heads, textWidth: textWidth, attendsToTextOnly: attendsToTextOnly)
  }

  var parameterShapes: [ParameterShape] {
    var projections = projection(startsAtZero: false).parameterShapes.scoped("proj_in")
    projections += projection(startsAtZero: true).parameterShapes.scoped("proj_out")
    if !projectsTokens {
      projections = projections.map {
        $0.shape.count == 2 ? ParameterShape($0.name, $0.shape + [1, 1], $0.initial) : $0
      }
    }
    return norm.parameterShapes.scoped("norm") + projections
      + (0..<depth).flatMap { block.parameterShapes.scoped("transformer_blocks.\($0)") }
  }

  func callAsFunction(_ x: Tensor, _ conditioning: Conditioning, _ parameters: ParameterScope) throws -> Tensor {
    var tokens = try norm(x, parameters.scope("norm")).imageTokens()
    tokens = try project(tokens, parameters.scope("proj_in"))
    for index in 0..<depth {
      tokens = try block(tokens, conditioning, parameters.scope("transformer_blocks").scope(index))
    }
    tokens = try project(tokens, parameters.scope("proj_out"))
    return try x + tokens.asImage(height: x.shape[2], width: x.shape[3])
  }

  private func project(_ tokens: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    let weight = try parameters.tensor("weight").reshaped(to: [channels, channels])
    return try tokens.linear(weight: weight, bias: parameters.tensor("bias"))
  }
}

/// One block of a `PixelTransformer`: diffusers' BasicTransformerBlock with layer norms.
struct TokenBlock {
  let width: Int
  let heads: Int
  let textWidth: Int
  var attendsToTextOnly = false

  private var norm: LayerNorm { LayerNorm(width: width) }
  private var first: TokenAttention {
    TokenAttention(width: width, keyWidth: attendsToTextOnly ? textWidth : width, heads: heads)
  }
  private var second: TokenAttention { TokenAttention(width: width, keyWidth: textWidth, heads: heads) }
  /// Gated linear unit with GELU (Shazeer 2020): half of the outputs are the gate.
  private var expansion: Linear { Linear(inputs: width, outputs: 8 * width) }
  private var contraction: Linear { Linear(inputs: 4 * width, outputs: width) }

  var parameterShapes: [ParameterShape] {
    norm.parameterShapes.scoped("norm1") + first.parameterShapes.scoped("attn1")
      + norm.parameterShapes.scoped("norm2") + second.parameterShapes.scoped("attn2")
      + norm.parameterShapes.scoped("norm3") + expansion.parameterShapes.scoped("ff.net.0.proj")
      + contraction.parameterShapes.scoped("ff.net.2")
  }

  func callAsFunction(
    _ tokens: Tensor, _ conditioning: Conditioning, _ parameters: ParameterScope
  ) throws -> Tensor {
    guard let text = conditioning.text else {
      throw NetworkError(.invalidArgument, "\(parameters.path) attends to text: give the network `text`")
    }
    var t = tokens
    var h = try norm(t, parameters.scope("norm1"))
    // diffusers masks no text in `attn1`.
    t = try t + first(h, keys: attendsToTextOnly ? text : h, bias: nil, parameters.scope("attn1"))
    h = try norm(t, parameters.scope("norm2"))
    t = try t + second(h, keys: text, bias: conditioning.textBias, parameters.scope("attn2"))
    h = try expansion(norm(t, parameters.scope("norm3")), parameters.scope("ff.net.0.proj"))
    let value = try h.narrowed(dimension: 2, start: 0, length: 4 * width)
    let gate = try h.narrowed(dimension: 2, start: 4 * width, length: 4 * width)
    return try t + contraction(value * gate.gelu(), parameters.scope("ff.net.2"))
  }
}

/// Multi-head attention of tokens [n, queries, width] to tokens [n, keys, keyWidth], without biases but at the output.
struct TokenAttention {
  let width: Int
  let keyWidth: Int
  let heads: Int

  private var toQuery: Linear { Linear(inputs: width, outputs: width, hasBias: false) }
  private var toKey: Linear { Linear(inputs: keyWidth, outputs: width, hasBias: false) }
  private var toOutput: Linear { Linear(inputs: width, outputs: width) }

  var parameterShapes: [ParameterShape] {
    toQuery.parameterShapes.scoped("to_q") + toKey.parameterShapes.scoped("to_k")
      + toKey.parameterShapes.scoped("to_v") + toOutput.parameterShapes.scoped("to_out.0")
  }

  func callAsFunction(
    _ queries: Tensor, keys: Tensor, bias: Tensor?, _ parameters: ParameterScope
  ) throws -> Tensor {
    let attended = try Tensor.attention(
      query: toQuery(queries, parameters.scope("to_q")).split(heads: heads),
      key: toKey(keys, parameters.scope("to_k")).split(heads: heads),
      value: toKey(keys, parameters.scope("to_v")).split(heads: heads), mask: bias)
    return try toOutput(attended.joinedHeads(), parameters.scope("to_out.0"))
  }
}
