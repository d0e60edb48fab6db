/// The kinds of attention that blocks have.
enum AttentionKind {
  case pixels, filteredPixels, simpleCross, transformer

  /// The attention of a block of the way down; nil if it has none.
  init?(_ type: UNetConfiguration.DownBlockType) {
    switch type {
    case .plain, .residual, .skip: return nil
    case .attention: self = .pixels
    case .attentionSkip: self = .filteredPixels
    case .simpleCrossAttention: self = .simpleCross
    case .crossAttention: self = .transformer
    }
  }

  /// The attention of a block of the way up; nil if it has none.
  init?(_ type: UNetConfiguration.UpBlockType) {
    switch type {
    case .plain, .residual, .skip: return nil
    case .attention: self = .pixels
    case .attentionSkip: self = .filteredPixels
    case .simpleCrossAttention: self = .simpleCross
    case .crossAttention: self = .transformer
    }
  }
}

extension UNetConfiguration {
  /// The attention of a block.
  /// - Parameter headLevel: the place in `attentionHeadDim` that diffusers looks at.
  func attention(_ kind: AttentionKind, channels: Int, level: Int, headLevel: Int) -> BlockAttention {
    switch kind {
    case .pixels: .pixels(pixelAttention(channels, headLevel: headLevel, groups: normNumGroups, scale: 1))
    case .filteredPixels:
      .pixels(pixelAttention(channels, headLevel: headLevel, groups: 32, scale: 2.0.squareRoot()))
    case .simpleCross:
      simpleCrossAttention(channels, level: level, headLevel: headLevel, only: onlyCrossAttention(level))
    case .transformer: transformer(channels, level: level, attendsToTextOnly: onlyCrossAttention(level))
    }
  }

  /// Self attention as in ADM.
  func pixelAttention(_ channels: Int, headLevel: Int, groups: Int?, scale: Double) -> PixelAttention {
    let headWidth = attentionHeadDim?(headLevel) ?? channels
    return PixelAttention(
      channels: channels, heads: channels / headWidth, headWidth: headWidth, groups: groups, epsilon: normEps,
      outputScale: scale)
  }

  /// Attention to pixels and text at once, as in DeepFloyd IF.
  func simpleCrossAttention(_ channels: Int, level: Int, headLevel: Int, only: Bool) -> BlockAttention {
    let headWidth = attentionHeadDim?(headLevel) ?? channels
    let norm: PixelAttention.Text.Norm? =
      switch crossAttentionNorm {
      case .group: .group
      case .layer: .layer
      case nil: nil
      }
    let text = PixelAttention.Text(width: crossAttentionDim(level), norm: norm, only: only)
    return .pixels(
      PixelAttention(
        channels: channels, heads: channels / headWidth, headWidth: headWidth, groups: normNumGroups, text: text))
  }

  /// A transformer over pixels that attends to text, as in Stable Diffusion; `attentionHeadDim` counts its heads.
  func transformer(_ channels: Int, level: Int, attendsToTextOnly: Bool) -> BlockAttention {
    .transformer(
      PixelTransformer(
        channels: channels, heads: attentionHeadDim?(level) ?? 1, groups: normNumGroups,
        textWidth: crossAttentionDim(level), depth: transformerLayersPerBlock(level),
        projectsTokens: useLinearProjection, attendsToTextOnly: attendsToTextOnly))
  }
}
