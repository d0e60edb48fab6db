import Tensors

/// What every block of a U-Net may look at beside its image.
struct Conditioning {
  /// The embedding of time, class and text after the non-linearity of the blocks, [n, width].
  let activated: Tensor
  /// The same before it.
  let embedding: Tensor
  /// Tokens to attend to, [n, tokens, width].
  var text: Tensor?
  /// What is added to the scores of text tokens, [n, 1, 1, tokens]: 0, or −10000 where a token is masked.
  var textBias: Tensor?
}

/// Two convolutions with a shortcut around them, shifted (or scaled and shifted) by the embedding: the block of ADM
/// (Dhariwal & Nichol 2021) and diffusers' ResnetBlock2D.
///
///     h = conv1(resample(act(norm1(x))));   e = time_emb_proj(act(embedding))
///     h = norm2(h + e), or norm2(h) · (1 + e₁) + e₂;   y = (shortcut(resample(x)) + conv2(act(h))) / scale
///
/// Initial distribution: `conv2` begins at zero, so that the block is its shortcut at first; `startsAtZero` turns it off.
struct ResidualBlock {
  let inputs: Int
  let outputs: Int
  /// Width of the embedding.
  let embedding: Int
  let groups: Int
  /// Groups of the second norm; as the first by default.
  var outputGroups: Int?
  var epsilon = 1e-5
  var nonlinearity = Nonlinearity.silu
  /// Scale and shift after the second norm in place of a shift before it (adaptive group norm).
  var scalesAndShifts = false
  /// The embedding enters without the non-linearity.
  var takesRawEmbedding = false
  /// What the sum is divided by.
  var outputScale = 1.0
  var resampling: Resampling?
  /// A convolution in the shortcut though the widths agree.
  var alwaysConvolvesShortcut = false

  private var norm1: GroupNorm { GroupNorm(channels: inputs, groups: groups, epsilon: epsilon) }
  private var conv1: Convolution { Convolution(inputs: inputs, outputs: outputs) }
  private var projection: Linear { Linear(inputs: embedding, outputs: scalesAndShifts ? 2 * outputs : outputs) }
  private var norm2: GroupNorm { GroupNorm(channels: outputs, groups: outputGroups ?? groups, epsilon: epsilon) }
  private var conv2: Convolution { Convolution(inputs: outputs, outputs: outputs, startsAtZero: true) }
  private var shortcut: Convolution? {
    inputs != outputs || alwaysConvolvesShortcut ? Convolution(inputs: inputs, outputs: outputs, kernel: 1) : nil
  }

  var parameterShapes: [ParameterShape] {
    norm1.parameterShapes.scoped("norm1") + conv1.parameterShapes.scoped("conv1")
      + projection.parameterShapes.scoped("time_emb_proj") + norm2.parameterShapes.scoped("norm2")
      + conv2.parameterShapes.scoped("conv2") + (shortcut?.parameterShapes.scoped("conv_shortcut") ?? [])
  }

  func callAsFunction(_ x: Tensor, _ conditioning: Conditioning, _ parameters: ParameterScope) throws -> Tensor {
    var x = x
    var h = try norm1(x, then: nonlinearity, parameters.scope("norm1"))
    if let resampling { (x, h) = (try resampling(x), try resampling(h)) }
    h = try conv1(h, parameters.scope("conv1"))
    let e = try projection(
      takesRawEmbedding ? conditioning.embedding : conditioning.activated, parameters.scope("time_emb_proj"))
    if scalesAndShifts {
      let pairs = try e.unsqueezed(at: 2).unsqueezed(at: 3)
      let scale = try pairs.narrowed(dimension: 1, start: 0, length: outputs) + 1
      let shift = try pairs.narrowed(dimension: 1, start: outputs, length: outputs)
      h = try nonlinearity(norm2(h, parameters.scope("norm2")) * scale + shift)
    } else {
      h = try norm2(h, shift: e, then: nonlinearity, parameters.scope("norm2"))
    }
    h = try conv2(h, parameters.scope("conv2"))
    if let shortcut { x = try shortcut(x, parameters.scope("conv_shortcut")) }
    let y = try x + h
    return outputScale == 1 ? y : try y / outputScale
  }
}

extension GroupNorm {
  /// The norm of [n, channels, h, w], to which a shift [n, channels] is added first, and the non-linearity after it.
  func callAsFunction(
    _ x: Tensor, shift: Tensor? = nil, then nonlinearity: Nonlinearity, _ parameters: ParameterScope
  ) throws -> Tensor {
    if nonlinearity == .silu || nonlinearity == .swish {
      return try x.groupNormalizedSiLU(
        shift: shift, groups: groups, weight: parameters.tensor("weight"), bias: parameters.tensor("bias"),
        epsilon: epsilon)
    }
    let shifted = try shift.map { try x + $0.unsqueezed(at: 2).unsqueezed(at: 3) } ?? x
    return try nonlinearity(self(shifted, parameters))
  }
}
