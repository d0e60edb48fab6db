import Tensors

/// Imagen's U-Net for super-resolution (Saharia et al. 2022, appendix B).
///
/// It differs from ADM's: parameters move to the lower resolutions by more blocks there; the image gets smaller before the
/// blocks of a resolution and larger after them, so that fewer pixels are computed with; what the way up takes from the way
/// down is divided by √2, which speeds up convergence. The caller makes the image of lower resolution larger and puts it
/// beside the noisy one, in channels. Parameters:
///
///     conv_in                            3 × 3
///     time_embedding, noise_embedding    linear_1, linear_2: MLPs of encoded times and noise levels
///     text_norm, text_pool               layer norm of the tokens; linear layer of their mean, added to the embedding
///     down.i.conv                        3 × 3, stride 2, for i > 0
///     down.i.blocks.j, up.i.blocks.j     norm1, conv1, time_emb_proj, norm2, conv2, conv_shortcut
///     down.i.attention, up.i.attention   group_norm, to_q, to_k, to_v, add_k_proj, add_v_proj, to_out.0
///     up.i.conv                          3 × 3, before the image gets larger, for i > 0
///     conv_norm_out, conv_out            3 × 3, begins at zero
public struct EfficientUNet: ImageNetwork {
  /// What the network is made of.
  public let configuration: EfficientUNetConfiguration

  /// Makes a network.
  /// - Throws: `NetworkError` if the configuration does not fit together.
  public init(_ configuration: EfficientUNetConfiguration) throws(NetworkError) {
    try configuration.validate()
    self.configuration = configuration
  }

  public var fixedParameters: Set<String> { [] }

  private var channels: [Int] { configuration.channels }
  private var embeddingWidth: Int { 4 * channels[0] }
  private var encoding: TimestepEncoding { .sinusoidal(width: channels[0], cosinesFirst: true, shift: 0) }
  private var embeddingMLP: EmbeddingMLP { EmbeddingMLP(inputs: channels[0], width: embeddingWidth) }
  private var inputConvolution: Convolution { Convolution(inputs: configuration.inChannels, outputs: channels[0]) }
  private var outputNorm: GroupNorm { GroupNorm(channels: channels[0], groups: configuration.groups) }
  private var outputConvolution: Convolution {
    Convolution(inputs: channels[0], outputs: configuration.outChannels, startsAtZero: true)
  }

  private func blocks(_ level: Int, inputs: Int) -> [ResidualBlock] {
    (0..<configuration.blocks[level]).map {
      ResidualBlock(
        inputs: $0 == 0 ? inputs : channels[level], outputs: channels[level], embedding: embeddingWidth,
        groups: configuration.groups, scalesAndShifts: true)
    }
  }

  private func attention(_ level: Int) -> PixelAttention? {
    let (pixels, text) = (configuration.attentionLevels.contains(level), configuration.textLevels.contains(level))
    guard pixels || text else { return nil }
    return PixelAttention(
      channels: channels[level], heads: channels[level] / configuration.headWidth,
      headWidth: configuration.headWidth, groups: configuration.groups,
      text: text ? PixelAttention.Text(width: configuration.textWidth ?? 0, only: !pixels) : nil)
  }

  private func smaller(_ level: Int) -> Convolution {
    Convolution(inputs: channels[level - 1], outputs: channels[level], stride: 2)
  }

  private func larger(_ level: Int) -> Convolution {
    Convolution(inputs: channels[level], outputs: channels[level - 1])
  }

  public var parameterShapes: [ParameterShape] {
    var shapes = inputConvolution.parameterShapes.scoped("conv_in")
    shapes += embeddingMLP.parameterShapes.scoped("time_embedding")
    if configuration.knowsNoiseLevel { shapes += embeddingMLP.parameterShapes.scoped("noise_embedding") }
    if let width = configuration.textWidth {
      shapes += LayerNorm(width: width).parameterShapes.scoped("text_norm")
      shapes += Linear(inputs: width, outputs: embeddingWidth).parameterShapes.scoped("text_pool")
    }
    for level in channels.indices {
      if level > 0 { shapes += smaller(level).parameterShapes.scoped("down.\(level).conv") }
      shapes += stage("down", level, inputs: channels[level])
    }
    for level in channels.indices.reversed() {
      shapes += stage("up", level, inputs: 2 * channels[level])
      if level > 0 { shapes += larger(level).parameterShapes.scoped("up.\(level).conv") }
    }
    return shapes + outputNorm.parameterShapes.scoped("conv_norm_out")
      + outputConvolution.parameterShapes.scoped("conv_out")
  }

  private func stage(_ way: String, _ level: Int, inputs: Int) -> [ParameterShape] {
    let blocks = blocks(level, inputs: inputs).enumerated().flatMap { $1.parameterShapes.scoped("blocks.\($0)") }
    return (blocks + (attention(level)?.parameterShapes.scoped("attention") ?? [])).scoped("\(way).\(level)")
  }

  /// The network's output [n, outChannels, height, width]; height and width are whole multiples of 2^(levels − 1).
  /// - Parameters:
  ///   - sample: [n, inChannels, height, width]: the noisy image, then the image of lower resolution, made larger.
  ///   - timestep: [n], up to 1000 or so.
  ///   - classLabels: [n], the noise level of the image of lower resolution, 0 to 1.
  ///   - text: [n, tokens, textWidth].
  ///   - textMask: [n, tokens]; tokens where it is false (or 0) have no influence, and all may be so.
  /// - Throws: `NetworkError` if an input is missing or a parameter is; `TensorError` if a shape does not fit.
  public func callAsFunction(
    _ sample: Tensor, timestep: Tensor, classLabels: Tensor? = nil, text: Tensor? = nil, textMask: Tensor? = nil,
    parameters: ParameterSet
  ) throws -> Tensor {
    let conditioning = try embed(timestep, classLabels, text, textMask, parameters)
    var x = try inputConvolution(sample.channelsLast(), parameters.scope("conv_in"))
    var kept: [Tensor] = []
    for level in channels.indices {
      let scope = parameters.scope("down").scope(level)
      if level > 0 { x = try smaller(level)(x, scope.scope("conv")) }
      x = try run(level, inputs: channels[level], x, conditioning, scope)
      kept.append(x)
    }
    for level in channels.indices.reversed() {
      let scope = parameters.scope("up").scope(level)
      let beside = try kept[level] * 0.5.squareRoot()
      x = try run(level, inputs: 2 * channels[level], .concatenated([x, beside], along: 1), conditioning, scope)
      if level > 0 { x = try Resampling.double(larger(level)(x, scope.scope("conv"))) }
    }
    x = try outputNorm(x, then: .silu, parameters.scope("conv_norm_out"))
    return try outputConvolution(x, parameters.scope("conv_out"))
  }

  private func run(
    _ level: Int, inputs: Int, _ x: Tensor, _ conditioning: Conditioning, _ parameters: ParameterScope
  ) throws -> Tensor {
    var x = x
    for (index, block) in blocks(level, inputs: inputs).enumerated() {
      x = try block(x, conditioning, parameters.scope("blocks").scope(index))
    }
    return try attention(level)?(x, conditioning, parameters.scope("attention")) ?? x
  }

  private func embed(
    _ timestep: Tensor, _ level: Tensor?, _ text: Tensor?, _ mask: Tensor?, _ parameters: ParameterSet
  ) throws -> Conditioning {
    let times = try encoding(timestep, parameters.scope("time_embedding"))
    var embedding = try embeddingMLP(times, parameters.scope("time_embedding"))
    guard (level != nil) == configuration.knowsNoiseLevel, (text != nil) == (configuration.textWidth != nil) else {
      let wanted = [configuration.knowsNoiseLevel ? "a noise level" : nil, configuration.textWidth.map { _ in "text" }]
      let list = wanted.compactMap(\.self).joined(separator: " and ")
      throw NetworkError(.invalidArgument, "give the network \(list.isEmpty ? "no noise level and no text" : list)")
    }
    if let level {
      // Levels are spread over the range of times, to which the frequencies belong.
      let levels = try encoding(level.converted(to: .float32) * 1000, parameters.scope("noise_embedding"))
      embedding = try embedding + embeddingMLP(levels, parameters.scope("noise_embedding"))
    }
    var tokens: Tensor?
    if let text, let width = configuration.textWidth {
      var normal = try LayerNorm(width: width)(text, parameters.scope("text_norm"))
      var mean = try normal.mean(along: 1)
      if let mask {
        // Masked tokens are zeros, so that nothing of them is left even where all are masked.
        let weights = try mask.converted(to: .bool).converted(to: .float32).unsqueezed(at: 2)
        normal = try normal * weights
        mean = try normal.sum(along: 1) / weights.sum(along: 1).clamped(from: 1)
      }
      tokens = normal
      embedding = try embedding + Linear(inputs: width, outputs: embeddingWidth)(mean, parameters.scope("text_pool"))
    }
    return Conditioning(
      activated: try embedding.silu(), embedding: embedding, text: tokens, textBias: try mask.map(UNetEmbeddings.bias))
  }

  /// Always refuses: no class of diffusers scales skips, has one a resolution or changes the resolution in this order.
  public func modelFolder(_ parameters: ParameterSet) throws(NetworkError) -> ModelFolder {
    throw NetworkError(
      .configuration,
      "diffusers has no Efficient U-Net: its skips are not divided by √2 (keep the stage's weights.safetensors, or train a "
        + "UNet2DConditionModel instead)")
  }
}
