import Foundation
import Formats
import Tensors

/// The encoder of T5, as Hugging Face's `T5EncoderModel` has it, of version 1.0 (ReLU) or 1.1 (gated GELU).
///
/// Source: Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer", JMLR 2020;
/// Shazeer, "GLU variants improve transformer", 2020. Every layer is x ← x + f(RMSNorm(x)) for attention, then for an MLP.
/// Attention is not scaled, and adds a number for each head that depends on the distance of two tokens.
public struct T5Encoder: Equatable, Sendable {
  /// Tokens that there are.
  public let vocabularySize: Int
  /// Numbers of a token's state.
  public let width: Int
  /// Layers.
  public let layerCount: Int
  /// Heads of each attention.
  public let headCount: Int
  /// Numbers of a query or key.
  public let headWidth: Int
  /// Numbers between the two halves of an MLP.
  public let intermediateWidth: Int
  /// Kinds of distances.
  public let bucketCount: Int
  /// Distance from which on all are of one kind.
  public let distanceMax: Int
  /// What is added to mean squares.
  public let epsilon: Double
  /// Whether one half of the MLP's inner numbers is a factor of the other.
  public let isGated: Bool
  let activation: EncoderActivation

  /// Reads a `config.json` of the model type `t5`.
  ///
  /// Throws `NetworkError.Code.textEncoder` for what is missing, impossible or not built.
  public init(configuration bytes: some Collection<UInt8>, file: String = "config.json") throws(NetworkError) {
    let values = try EncoderConfiguration(bytes, file: file)
    let type = try values.text("model_type", default: "t5")
    guard type == "t5" else { throw NetworkError(.textEncoder, "\(file): model_type \(shown(type)) is not t5") }
    vocabularySize = try values.integer("vocab_size", in: 1...10_000_000)
    width = try values.integer("d_model", in: 1...65_536)
    layerCount = try values.integer("num_layers", in: 1...1000)
    headCount = try values.integer("num_heads", in: 1...1024)
    headWidth = try values.integer("d_kv", in: 1...65_536)
    intermediateWidth = try values.integer("d_ff", in: 1...1_000_000)
    bucketCount = try values.integer("relative_attention_num_buckets", default: 32, in: 4...100_000)
    distanceMax = try values.integer("relative_attention_max_distance", default: 128, in: 2...1_000_000)
    epsilon = try values.number("layer_norm_epsilon", default: 1e-6)
    let projection = try values.text("feed_forward_proj", default: "relu")
    isGated = projection.hasPrefix("gated-")
    // What these files call gated-gelu has the approximation.
    let name = isGated ? String(projection.dropFirst(6)) : projection
    activation = try EncoderActivation(projection == "gated-gelu" ? "gelu_new" : name, file: file)
    guard distanceMax > bucketCount / 4 else {
      throw NetworkError(
        .textEncoder, "\(file): relative_attention_max_distance \(distanceMax) is too small for \(bucketCount) buckets")
    }
  }

  /// The parameters, by the names of Hugging Face's `T5EncoderModel`.
  public var parameterShapes: [ParameterShape] {
    let inner = headCount * headWidth
    let normal = { (count: Int) in ParameterShape.Initial.normal(deviation: 1 / Double(count).squareRoot()) }
    let weights = (0..<layerCount).flatMap { index in
      let attention = "encoder.block.\(index).layer.0"
      let dense = "encoder.block.\(index).layer.1.DenseReluDense"
      let deviation = 1 / Double(width * headWidth).squareRoot()
      var shapes = [
        ParameterShape("\(attention).SelfAttention.q.weight", [inner, width], .normal(deviation: deviation)),
        ParameterShape("\(attention).SelfAttention.k.weight", [inner, width], normal(width)),
        ParameterShape("\(attention).SelfAttention.v.weight", [inner, width], normal(width)),
        ParameterShape("\(attention).SelfAttention.o.weight", [width, inner], normal(inner)),
        ParameterShape("\(attention).layer_norm.weight", [width], .ones),
        ParameterShape("encoder.block.\(index).layer.1.layer_norm.weight", [width], .ones),
        ParameterShape("\(dense).wo.weight", [width, intermediateWidth], normal(intermediateWidth)),
      ]
      let inputs = isGated ? ["wi_0", "wi_1"] : ["wi"]
      shapes += inputs.map { ParameterShape("\(dense).\($0).weight", [intermediateWidth, width], normal(width)) }
      return shapes
    }
    return [
      ParameterShape("shared.weight", [vocabularySize, width], .normal(deviation: 1)),
      ParameterShape(Self.biasName, [bucketCount, headCount], normal(width)),
      ParameterShape("encoder.final_layer_norm.weight", [width], .ones),
    ] + weights
  }

  private static let biasName = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"

  /// States of the tokens after the last layer, `[n, length, width]`.
  /// - Parameters:
  ///   - ids: int64 `[n, length]`.
  ///   - mask: bool `[n, length]`, true where a token is no padding.
  /// - Throws: `NetworkError` for a missing parameter, `TensorError` if a shape does not fit.
  public func callAsFunction(ids: Tensor, mask: Tensor, parameters: ParameterSet) throws -> Tensor {
    let (count, length) = (ids.shape[0], ids.shape[1])
    let words = try parameters.tensor("shared.weight").rows(at: ids.reshaped(to: [-1]))
    var x = try words.reshaped(to: [count, length, width])
    let hidden = try (mask.reshaped(to: [count, 1, 1, length]).converted(to: .float32) - 1) * 1e30
    let bias = try distanceBias(length: length, parameters: parameters) + hidden
    for index in 0..<layerCount {
      let block = parameters.scope("encoder").scope("block").scope(index).scope("layer")
      let attended = try normalized(x, block.scope(0).scope("layer_norm"))
      x = try x + attention(attended, bias: bias, block.scope(0).scope("SelfAttention"))
      let inner = try normalized(x, block.scope(1).scope("layer_norm"))
      x = try x + mlp(inner, block.scope(1).scope("DenseReluDense"))
    }
    return try normalized(x, parameters.scope("encoder").scope("final_layer_norm"))
  }

  private func attention(_ x: Tensor, bias: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    let (count, length) = (x.shape[0], x.shape[1])
    let heads = { (name: String) in
      try x.linear(weight: parameters.tensor("\(name).weight"))
        .reshaped(to: [count, length, headCount, headWidth]).transposed(1, 2)
    }
    let attended = try Tensor.attention(
      query: heads("q"), key: heads("k"), value: heads("v"), mask: bias, scale: 1)
    let joined = try attended.transposed(1, 2).reshaped(to: [count, length, headCount * headWidth])
    return try joined.linear(weight: parameters.tensor("o.weight"))
  }

  private func mlp(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    var inner = try activation(x.linear(weight: parameters.tensor(isGated ? "wi_0.weight" : "wi.weight")))
    if isGated { inner = try inner * x.linear(weight: parameters.tensor("wi_1.weight")) }
    return try inner.linear(weight: parameters.tensor("wo.weight"))
  }

  /// x / √(mean x² + ε), scaled (Zhang and Sennrich 2019).
  private func normalized(_ x: Tensor, _ parameters: ParameterScope) throws -> Tensor {
    let meanSquare = try x.squared().mean(along: -1, keepingDimension: true)
    return try x * (meanSquare + epsilon).rsqrt() * parameters.tensor("weight")
  }

  /// What attention adds, `[1, heads, length, length]`.
  private func distanceBias(length: Int, parameters: ParameterSet) throws -> Tensor {
    let buckets = (0..<length).flatMap { query in (0..<length).map { Int64(bucket(ofDistance: $0 - query)) } }
    let bias = try parameters.tensor(Self.biasName).rows(at: Tensor(buckets))
    return try bias.reshaped(to: [1, length, length, headCount]).permuted([0, 3, 1, 2])
  }

  /// The kind of a distance, key minus query: half for each direction; in each, half for single distances and half for ranges
  /// that grow exponentially up to `distanceMax`.
  func bucket(ofDistance distance: Int) -> Int {
    let half = bucketCount / 2
    let direction = distance > 0 ? half : 0
    let exact = half / 2
    let steps = abs(distance)
    guard steps >= exact else { return direction + steps }
    // 32-bit numbers, as where the weights were trained, so that limits of ranges are the same.
    let ratio = Float(Foundation.log(Double(distanceMax) / Double(exact)))
    let position = Foundation.log(Float(steps) / Float(exact)) / ratio * Float(half - exact)
    return direction + min(exact + Int(position), half - 1)
  }
}
