// What a configuration says of each block, as diffusers' `get_down_block`, `get_mid_block` and `get_up_block` read it.
extension UNetConfiguration {
  private var levels: Int { blockOutChannels.count }
  private var isConditional: Bool { modelClass == .conditional }

  /// Width of the embedding of time and class.
  var embeddingWidth: Int {
    timeEmbeddingDim ?? blockOutChannels[0] * (isConditional && timeEmbeddingType == .fourier ? 2 : 4)
  }

  /// Width of what blocks are given: the class may stand beside the time.
  var blockEmbeddingWidth: Int { classEmbeddingsConcat ? 2 * embeddingWidth : embeddingWidth }

  /// The blocks of the way down, from the highest resolution.
  var downBlocks: [DownBlock] {
    (0..<levels).map { level in
      let (inputs, outputs) = (blockOutChannels[max(0, level - 1)], blockOutChannels[level])
      let type = downBlockTypes[level]
      let layers = layersPerBlock(level)
      var residuals = (0..<layers).map { residual($0 == 0 ? inputs : outputs, outputs) }
      switch type {
      case .residual, .simpleCrossAttention: residuals = residuals.map(asResidualType)
      case .skip, .attentionSkip:
        residuals = residuals.map { asSkipType($0, groups: min($0.inputs / 4, 32)) }
      case .plain, .attention, .crossAttention: break
      }
      let kind = AttentionKind(type)
      let attention = kind.map { self.attention($0, channels: outputs, level: level, headLevel: level) }
      return DownBlock(
        residuals: residuals, attentions: attention.map { [BlockAttention](repeating: $0, count: layers) } ?? [],
        downsampler: level == levels - 1 ? nil : downsampler(type, outputs))
    }
  }

  /// The block between; nil if there is none.
  var middleBlock: MiddleBlock? {
    guard let midBlockType else { return nil }
    let channels = blockOutChannels[levels - 1]
    var block = residual(channels, channels)
    block.outputScale = midBlockScaleFactor
    switch midBlockType {
    case .plain where isConditional: return MiddleBlock(residuals: [block], attentions: [])
    case .plain:
      // A norm only if one is asked for, or the blocks' own is not adaptive.
      let groups = attnNormNumGroups ?? (resnetTimeScaleShift == .shift ? normNumGroups : nil)
      let attention = pixelAttention(channels, headLevel: levels - 1, groups: groups, scale: midBlockScaleFactor)
      return MiddleBlock(
        residuals: [block, block], attentions: [addAttention ? .pixels(attention) : nil])
    case .simpleCrossAttention:
      block.takesRawEmbedding = resnetSkipTimeAct
      let attention = simpleCrossAttention(
        channels, level: levels - 1, headLevel: levels - 1,
        only: midBlockOnlyCrossAttention ?? (onlyCrossAttention == .all(true)))
      return MiddleBlock(residuals: [block, block], attentions: [attention])
    case .crossAttention:
      let attention = transformer(channels, level: levels - 1, attendsToTextOnly: false)
      return MiddleBlock(residuals: [block, block], attentions: [attention])
    }
  }

  /// The blocks of the way up, from the lowest resolution.
  var upBlocks: [UpBlock] {
    (0..<levels).map { index in
      let level = levels - 1 - index
      let outputs = blockOutChannels[level]
      let (before, after) = (blockOutChannels[min(level + 1, levels - 1)], blockOutChannels[max(0, level - 1)])
      let type = upBlockTypes[index]
      let layers = layersPerBlock(level) + 1
      // The last of what the way down kept is the block's input there.
      let widths = (0..<layers).map { ($0 == 0 ? before : outputs, $0 == layers - 1 ? after : outputs) }
      let residuals = widths.map { own, kept in
        let block = residual(own + kept, outputs)
        switch type {
        case .residual, .simpleCrossAttention: return asResidualType(block)
        case .skip: return asSkipType(block, groups: min((own + kept) / 4, 32))
        // Without the parentheses that `skip` has: so it is in diffusers.
        case .attentionSkip: return asSkipType(block, groups: min(own + kept / 4, 32))
        case .plain, .attention, .crossAttention: return block
        }
      }
      // Heads of attention that is not a transformer's are counted from the lowest resolution there.
      let attention = AttentionKind(type).map {
        self.attention($0, channels: outputs, level: level, headLevel: isConditional ? index : level)
      }
      let count = type == .attentionSkip ? 1 : layers
      let isLast = index == levels - 1
      return UpBlock(
        residuals: residuals, attentions: attention.map { [BlockAttention](repeating: $0, count: count) } ?? [],
        upsampler: isLast ? nil : upsampler(type, outputs), output: outputSkip(type, outputs, isLast: isLast))
    }
  }

  private func residual(_ inputs: Int, _ outputs: Int) -> ResidualBlock {
    ResidualBlock(
      inputs: inputs, outputs: outputs, embedding: blockEmbeddingWidth, groups: normNumGroups, epsilon: normEps,
      nonlinearity: actFn, scalesAndShifts: resnetTimeScaleShift == .scaleShift)
  }

  private func asResidualType(_ block: ResidualBlock) -> ResidualBlock {
    var block = block
    (block.takesRawEmbedding, block.outputScale) = (resnetSkipTimeAct, resnetOutScaleFactor)
    return block
  }

  private func asSkipType(_ block: ResidualBlock, groups: Int) -> ResidualBlock {
    let root = 2.0.squareRoot()
    var skip = ResidualBlock(
      inputs: block.inputs, outputs: block.outputs, embedding: block.embedding, groups: groups,
      outputGroups: min(block.outputs / 4, 32))
    (skip.epsilon, skip.nonlinearity) = (block.epsilon, block.nonlinearity)
    (skip.scalesAndShifts, skip.outputScale) = (block.scalesAndShifts, root)
    return skip
  }

  private func resampling(_ channels: Int, _ resampling: Resampling) -> ResidualBlock {
    var block = residual(channels, channels)
    block.resampling = resampling
    return block
  }

  private func filtered(_ channels: Int, _ resampling: Resampling) -> ResidualBlock {
    var block = asSkipType(residual(channels, channels), groups: min(channels / 4, 32))
    (block.resampling, block.alwaysConvolvesShortcut) = (resampling, true)
    return block
  }

  private func downsampler(_ type: DownBlockType, _ channels: Int) -> Downsampler {
    switch type {
    case .attention where downsampleType == .residual: .residual(resampling(channels, .halve))
    case .plain, .attention, .crossAttention:
      .convolution(Convolution(inputs: channels, outputs: channels, stride: 2, padding: downsamplePadding))
    case .residual, .simpleCrossAttention: .residual(asResidualType(resampling(channels, .halve)))
    case .skip, .attentionSkip:
      .skip(filtered(channels, .halveFiltered), Convolution(inputs: inChannels, outputs: channels, kernel: 1))
    }
  }

  private func upsampler(_ type: UpBlockType, _ channels: Int) -> Upsampler? {
    switch type {
    case .attention where upsampleType == .residual: .residual(resampling(channels, .double))
    case .plain, .attention, .crossAttention: .convolution(Convolution(inputs: channels, outputs: channels))
    case .residual, .simpleCrossAttention: .residual(asResidualType(resampling(channels, .double)))
    case .skip, .attentionSkip: nil
    }
  }

  private func outputSkip(_ type: UpBlockType, _ channels: Int, isLast: Bool) -> OutputSkip? {
    guard type == .skip || type == .attentionSkip else { return nil }
    guard !isLast else { return OutputSkip() }
    let norm = GroupNorm(channels: channels, groups: min(channels / 4, 32), epsilon: normEps)
    let convolution = Convolution(inputs: channels, outputs: outChannels)
    return OutputSkip(more: (norm, convolution, filtered(channels, .doubleFiltered)))
  }
}
