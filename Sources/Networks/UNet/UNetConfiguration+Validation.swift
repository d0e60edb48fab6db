extension UNetConfiguration {
  /// Checks what a network has to satisfy before it can be built.
  /// - Throws: `NetworkError` naming the key and what to do.
  public func validate() throws(NetworkError) {
    let levels = blockOutChannels.count
    try require(levels > 0, "block_out_channels", "is empty: name the channels of one resolution at least")
    try require(downBlockTypes.count == levels, "down_block_types", "needs one for each of block_out_channels")
    try require(upBlockTypes.count == levels, "up_block_types", "needs one for each of block_out_channels")
    try requireLevels(layersPerBlock, "layers_per_block")
    try requireLevels(crossAttentionDim, "cross_attention_dim")
    try requireLevels(transformerLayersPerBlock, "transformer_layers_per_block")
    try requireLevels(onlyCrossAttention, "only_cross_attention")
    if let attentionHeadDim { try requireLevels(attentionHeadDim, "attention_head_dim") }
    let sizes =
      [inChannels, outChannels, normNumGroups] + blockOutChannels + layersPerBlock.values
      + crossAttentionDim.values + transformerLayersPerBlock.values + (attentionHeadDim?.values ?? [])
    try require(
      sizes.allSatisfy { (1...65_536).contains($0) }, "block_out_channels", "and other sizes have to be 1 to 65536")
    try require(
      convInKernel % 2 == 1 && convOutKernel % 2 == 1 && convInKernel > 0 && convOutKernel > 0, "conv_in_kernel",
      "and conv_out_kernel have to be odd")
    try require((0...1).contains(downsamplePadding), "downsample_padding", "has to be 0 or 1")
    try validateConditioning()
    try validateBlocks()
  }

  private func validateConditioning() throws(NetworkError) {
    let isTable = timeEmbeddingType == .learned
    try require(!isTable || modelClass == .unconditional, "time_embedding_type", "learned is UNet2DModel's alone")
    try require(!isTable || (numTrainTimesteps ?? 0) > 0, "num_train_timesteps", "is needed for a learned embedding")
    let projects = classEmbedType == .projection || classEmbedType == .simpleProjection
    try require(
      !projects || modelClass == .conditional, "class_embed_type", "projections are UNet2DConditionModel's alone")
    try require(
      !projects || projectionClassEmbeddingsInputDim != nil, "projection_class_embeddings_input_dim",
      "is needed to project classes")
    try require(
      encoderHidDimType == nil || encoderHidDim != nil, "encoder_hid_dim", "is needed with encoder_hid_dim_type")
    if additionEmbedType == .text {
      let width = encoderHidDim ?? crossAttentionDim(0)
      try require(
        additionEmbedTypeNumHeads > 0 && width % additionEmbedTypeNumHeads == 0, "addition_embed_type_num_heads",
        "has to divide the text's width, \(width)")
    }
  }

  private func validateBlocks() throws(NetworkError) {
    let isConditional = modelClass == .conditional
    let attendsToText =
      downBlockTypes.contains { $0 == .crossAttention || $0 == .simpleCrossAttention }
      || upBlockTypes.contains { $0 == .crossAttention || $0 == .simpleCrossAttention }
      || midBlockType == .crossAttention || midBlockType == .simpleCrossAttention
    try require(
      isConditional || !attendsToText, "down_block_types", "and others attend to text: that needs UNet2DConditionModel")
    let skips =
      downBlockTypes.contains { $0 == .skip || $0 == .attentionSkip }
      || upBlockTypes.contains { $0 == .skip || $0 == .attentionSkip }
    try require(!isConditional || !skips, "down_block_types", "with skips of the image need UNet2DModel")
    try require(
      !skips || (inChannels == 3 && outChannels == 3), "in_channels", "and out_channels are 3 where blocks skip")
    try require(!isConditional || attentionHeadDim != nil, "attention_head_dim", "is null: give a number")
    for (level, channels) in blockOutChannels.enumerated() {
      try require(channels % normNumGroups == 0 || skips, "norm_num_groups", "has to divide \(channels) channels")
      let head = attentionHeadDim?(level) ?? channels
      try require(head <= channels || !attends(at: level), "attention_head_dim", "\(head) exceeds \(channels) channels")
      try require(
        channels % head == 0 || !attendsToText, "attention_head_dim", "\(head) has to divide \(channels) channels")
    }
  }

  private func attends(at level: Int) -> Bool {
    let (down, up) = (downBlockTypes[level], upBlockTypes[levels - 1 - level])
    let isLast = level == levels - 1
    return ![.plain, .residual, .skip].contains(down) || ![.plain, .residual, .skip].contains(up)
      || (isLast && midBlockType != nil && (modelClass == .unconditional ? addAttention : midBlockType != .plain))
  }

  private var levels: Int { blockOutChannels.count }

  private func requireLevels<Value>(_ setting: PerLevel<Value>, _ key: String) throws(NetworkError) {
    if case .each(let values) = setting {
      try require(values.count == levels, key, "needs one value for each of block_out_channels")
    }
  }

  private func require(_ holds: Bool, _ key: String, _ problem: String) throws(NetworkError) {
    guard holds else { throw NetworkError(.configuration, "`\(key)` \(problem)") }
  }
}
