import Tensors

/// An embedding of a whole text: norm → attention pooling → linear → norm; diffusers' TextTimeEmbedding (DeepFloyd IF).
///
/// The mean of the tokens plus a learned vector asks, tokens and mean answer. Parts: `norm1`, `pool` (with
/// `positional_embedding`, `k_proj`, `q_proj`, `v_proj`), `proj`, `norm2`.
struct TextPooling {
  let textWidth: Int
  let width: Int
  let heads: Int

  private var inner: Linear { Linear(inputs: textWidth, outputs: textWidth) }
  private var projection: Linear { Linear(inputs: textWidth, outputs: width) }

  var parameterShapes: [ParameterShape] {
    let deviation = 1 / Double(textWidth).squareRoot()
    let query = ParameterShape("pool.positional_embedding", [1, textWidth], .normal(deviation: deviation))
    return LayerNorm(width: textWidth).parameterShapes.scoped("norm1") + [query]
      + ["k_proj", "q_proj", "v_proj"].flatMap { inner.parameterShapes.scoped("pool.\($0)") }
      + projection.parameterShapes.scoped("proj") + LayerNorm(width: width).parameterShapes.scoped("norm2")
  }

  /// The embedding [n, width] of tokens [n, tokens, textWidth]. As in diffusers no token is masked here.
  func callAsFunction(_ text: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    let pool = parameters.scope("pool")
    let tokens = try LayerNorm(width: textWidth)(text, parameters.scope("norm1"))
    let question = try tokens.mean(along: 1, keepingDimension: true) + pool.tensor("positional_embedding")
    let all = try Tensor.concatenated([question, tokens], along: 1)
    let pooled = try Tensor.attention(
      query: inner(question, pool.scope("q_proj")).split(heads: heads),
      key: inner(all, pool.scope("k_proj")).split(heads: heads),
      value: inner(all, pool.scope("v_proj")).split(heads: heads)
    ).joinedHeads().reshaped(to: [text.shape[0], textWidth])
    return try LayerNorm(width: width)(projection(pooled, parameters.scope("proj")), parameters.scope("norm2"))
  }
}
