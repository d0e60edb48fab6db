import Formats
import Tensors

/// The encoder BERT, as Hugging Face's `BertModel` has it: names, shapes and arithmetic; the pooler is left out.
///
/// Source: Devlin, Chang, Lee and Toutanova, "BERT", 2019. Every layer is attention, then an MLP, each followed by
/// x ← LayerNorm(x + f(x)).
public struct BERT: Equatable, Sendable {
  /// Tokens that there are.
  public let vocabularySize: Int
  /// Numbers of a token's state.
  public let width: Int
  /// Layers.
  public let layerCount: Int
  /// Heads of each attention.
  public let headCount: Int
  /// Numbers between the two halves of an MLP.
  public let intermediateWidth: Int
  /// Tokens of the longest text.
  public let positionCount: Int
  /// Kinds of segments; all tokens of a text are of the first.
  public let segmentCount: Int
  /// What is added to variances.
  public let epsilon: Double
  /// Whether the MLP has the approximation of GELU by a hyperbolic tangent, or ReLU, instead of GELU itself.
  let activation: EncoderActivation

  /// Reads a `config.json` of the model type `bert`.
  ///
  /// Throws `NetworkError.Code.textEncoder` for what is missing, impossible or not built.
  public init(configuration bytes: some Collection<UInt8>, file: String = "config.json") throws(NetworkError) {
    let values = try EncoderConfiguration(bytes, file: file)
    let type = try values.text("model_type", default: "bert")
    guard type == "bert" else { throw NetworkError(.textEncoder, "\(file): model_type \(shown(type)) is not bert") }
    let positions = try values.text("position_embedding_type", default: "absolute")
    guard positions == "absolute" else {
      throw NetworkError(.textEncoder, "\(file): position_embedding_type \(shown(positions)) is not built")
    }
    vocabularySize = try values.integer("vocab_size", in: 1...10_000_000)
    width = try values.integer("hidden_size", in: 1...65_536)
    layerCount = try values.integer("num_hidden_layers", in: 1...1000)
    headCount = try values.integer("num_attention_heads", in: 1...1024)
    intermediateWidth = try values.integer("intermediate_size", in: 1...1_000_000)
    positionCount = try values.integer("max_position_embeddings", in: 1...1_000_000)
    segmentCount = try values.integer("type_vocab_size", default: 2, in: 1...1000)
    epsilon = try values.number("layer_norm_eps", default: 1e-12)
    activation = try EncoderActivation(values.text("hidden_act", default: "gelu"), file: file)
    guard width.isMultiple(of: headCount) else {
      throw NetworkError(.textEncoder, "\(file): hidden_size \(width) is no multiple of \(headCount) heads")
    }
  }

  /// The parameters, by the names of Hugging Face's `BertModel`.
  public var parameterShapes: [ParameterShape] {
    var shapes = [
      ParameterShape("embeddings.word_embeddings.weight", [vocabularySize, width], Self.initial),
      ParameterShape("embeddings.position_embeddings.weight", [positionCount, width], Self.initial),
      ParameterShape("embeddings.token_type_embeddings.weight", [segmentCount, width], Self.initial),
    ]
    shapes += norm("embeddings.LayerNorm")
    for index in 0..<layerCount {
      let layer = "encoder.layer.\(index)"
      for name in ["query", "key", "value"] {
        shapes += dense("\(layer).attention.self.\(name)", inputs: width, outputs: width)
      }
      shapes += dense("\(layer).attention.output.dense", inputs: width, outputs: width)
      shapes += norm("\(layer).attention.output.LayerNorm")
      shapes += dense("\(layer).intermediate.dense", inputs: width, outputs: intermediateWidth)
      shapes += dense("\(layer).output.dense", inputs: intermediateWidth, outputs: width)
      shapes += norm("\(layer).output.LayerNorm")
    }
    return shapes
  }

  private static let initial = ParameterShape.Initial.normal(deviation: 0.02)

  private func dense(_ name: String, inputs: Int, outputs: Int) -> [ParameterShape] {
    [
      ParameterShape("\(name).weight", [outputs, inputs], Self.initial),
      ParameterShape("\(name).bias", [outputs], .zeros),
    ]
  }

  private func norm(_ name: String) -> [ParameterShape] {
    [ParameterShape("\(name).weight", [width], .ones), ParameterShape("\(name).bias", [width], .zeros)]
  }

  /// States of the tokens after the last layer, `[n, length, width]`.
  /// - Parameters:
  ///   - ids: int64 `[n, length]`.
  ///   - mask: bool `[n, length]`, true where a token is no padding.
  ///   - segments: int64 `[n, length]`, the segment of each token; by default all are of the first.
  /// - Throws: `NetworkError` for a missing parameter or too long texts, `TensorError` if a shape does not fit.
  public func callAsFunction(
    ids: Tensor, mask: Tensor, segments: Tensor? = nil, parameters: ParameterSet
  ) throws -> Tensor {
    let (count, length) = (ids.shape[0], ids.shape[1])
    guard length <= positionCount else {
      throw NetworkError(.longText, "\(length) tokens, where the encoder has \(positionCount) positions")
    }
    let embeddings = parameters.scope("embeddings")
    let words = try embeddings.tensor("word_embeddings.weight").rows(at: ids.reshaped(to: [-1]))
    let positions = try embeddings.tensor("position_embeddings.weight").narrowed(start: 0, length: length)
    let kinds = try embeddings.tensor("token_type_embeddings.weight")
    let kind =
      try segments.map { try kinds.rows(at: $0.reshaped(to: [-1])).reshaped(to: [count, length, width]) }
      ?? kinds.narrowed(start: 0, length: 1)
    let sum = try words.reshaped(to: [count, length, width]) + kind + positions
    var x = try normalized(sum, embeddings.scope("LayerNorm"))
    let visible = try mask.reshaped(to: [count, 1, 1, length])
    for index in 0..<layerCount {
      let layer = parameters.scope("encoder").scope("layer").scope(index)
      let attended = try attention(x, mask: visible, layer.scope("attention").scope("self"))
      x = try added(attended, to: x, layer.scope("attention").scope("output"))
      let inner = try activation(dense(x, layer.scope("intermediate").scope("dense")))
      x = try added(inner, to: x, layer.scope("output"))
    }
    return x
  }

  private func attention(_ x: Tensor, mask: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    let (count, length) = (x.shape[0], x.shape[1])
    let heads = { (name: String) in
      try dense(x, parameters.scope(name)).reshaped(to: [count, length, headCount, width / headCount]).transposed(1, 2)
    }
    let attended = try Tensor.attention(query: heads("query"), key: heads("key"), value: heads("value"), mask: mask)
    return try attended.transposed(1, 2).reshaped(to: [count, length, width])
  }

  private func added(_ x: Tensor, to input: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try normalized(dense(x, parameters.scope("dense")) + input, parameters.scope("LayerNorm"))
  }

  private func dense(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try x.linear(weight: parameters.tensor("weight"), bias: parameters.tensor("bias"))
  }

  private func normalized(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    try x.layerNormalized(weight: parameters.tensor("weight"), bias: parameters.tensor("bias"), epsilon: epsilon)
  }
}
