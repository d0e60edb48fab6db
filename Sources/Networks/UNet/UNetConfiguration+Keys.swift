import Formats

/// A key of `config.json` and the property it sets.
private struct Key: Sendable {
  let name: String
  let read: @Sendable (inout UNetConfiguration, JSON) -> String?
  let write: @Sendable (UNetConfiguration) -> JSON

  /// A key that is a property; reading says what the value should have been.
  init<Value: ConfigurationValue>(
    _ name: String, _ property: any WritableKeyPath<UNetConfiguration, Value> & Sendable
  ) {
    self.name = name
    read = { configuration, json in
      guard let value = Value(json: json) else { return "it has to be \(Value.expectation)" }
      configuration[keyPath: property] = value
      return nil
    }
    write = { $0[keyPath: property].json }
  }

  /// A key of something that is not built: only one value is taken.
  init(_ name: String, only value: JSON) {
    self.name = name
    read = { _, json in
      // 0 and 0.0 are the same number.
      json == value || Double(json: json).map { $0 == Double(json: value) } == true
        ? nil : "what it asks for is not built; only \(value.text) is"
    }
    write = { _ in value }
  }
}

extension UNetConfiguration {
  private static let sharedKeys: [Key] = [
    Key("sample_size", \.sampleSize), Key("in_channels", \.inChannels), Key("out_channels", \.outChannels),
    Key("center_input_sample", \.centerInputSample), Key("time_embedding_type", \.timeEmbeddingType),
    Key("time_embedding_dim", \.timeEmbeddingDim), Key("freq_shift", \.freqShift),
    Key("flip_sin_to_cos", \.flipSinToCos), Key("down_block_types", \.downBlockTypes),
    Key("mid_block_type", \.midBlockType), Key("up_block_types", \.upBlockTypes),
    Key("block_out_channels", \.blockOutChannels), Key("layers_per_block", \.layersPerBlock),
    Key("mid_block_scale_factor", \.midBlockScaleFactor), Key("downsample_padding", \.downsamplePadding),
    Key("dropout", only: .number(0)), Key("act_fn", \.actFn), Key("attention_head_dim", \.attentionHeadDim),
    Key("norm_num_groups", \.normNumGroups), Key("norm_eps", \.normEps),
    Key("resnet_time_scale_shift", \.resnetTimeScaleShift), Key("class_embed_type", \.classEmbedType),
    Key("num_class_embeds", \.numClassEmbeds),
  ]

  private static let unconditionalKeys: [Key] = [
    Key("downsample_type", \.downsampleType), Key("upsample_type", \.upsampleType),
    Key("attn_norm_num_groups", \.attnNormNumGroups), Key("add_attention", \.addAttention),
    Key("num_train_timesteps", \.numTrainTimesteps),
  ]

  private static let conditionalKeys: [Key] = [
    Key("only_cross_attention", \.onlyCrossAttention), Key("cross_attention_dim", \.crossAttentionDim),
    Key("transformer_layers_per_block", \.transformerLayersPerBlock),
    Key("reverse_transformer_layers_per_block", only: .null), Key("encoder_hid_dim", \.encoderHidDim),
    Key("encoder_hid_dim_type", \.encoderHidDimType), Key("num_attention_heads", only: .null),
    Key("dual_cross_attention", only: .bool(false)), Key("use_linear_projection", \.useLinearProjection),
    Key("addition_embed_type", \.additionEmbedType), Key("addition_time_embed_dim", only: .null),
    Key("addition_embed_type_num_heads", \.additionEmbedTypeNumHeads), Key("upcast_attention", \.upcastAttention),
    Key("resnet_skip_time_act", \.resnetSkipTimeAct), Key("resnet_out_scale_factor", \.resnetOutScaleFactor),
    Key("time_embedding_act_fn", \.timeEmbeddingActFn), Key("timestep_post_act", \.timestepPostAct),
    Key("time_cond_proj_dim", only: .null), Key("conv_in_kernel", \.convInKernel),
    Key("conv_out_kernel", \.convOutKernel),
    Key("projection_class_embeddings_input_dim", \.projectionClassEmbeddingsInputDim),
    Key("attention_type", only: .string("default")), Key("class_embeddings_concat", \.classEmbeddingsConcat),
    Key("mid_block_only_cross_attention", \.midBlockOnlyCrossAttention),
    Key("cross_attention_norm", \.crossAttentionNorm),
  ]

  private static func keys(_ modelClass: ModelClass) -> [Key] {
    sharedKeys + (modelClass == .unconditional ? unconditionalKeys : conditionalKeys)
  }

  /// The class's name in `config.json`, and the version of diffusers whose words these are.
  private static let (classKey, versionKey, version) = ("_class_name", "_diffusers_version", "0.42.1")

  /// Reads what diffusers writes into `config.json`; keys that are left out have their defaults.
  /// - Parameter modelClass: the class where the file does not name one.
  /// - Throws: `NetworkError` naming a key that is unknown, has a wrong value or asks for what is not built.
  public init(json: JSON, modelClass: ModelClass? = nil) throws(NetworkError) {
    guard case .object(let members) = json else {
      throw NetworkError(.configuration, "a network's configuration has to be a JSON object")
    }
    guard let found = members[Self.classKey].map(ModelClass.init(json:)) ?? modelClass else {
      let known = ModelClass.allCases.map(\.rawValue).joined(separator: " and ")
      throw NetworkError(
        .configuration,
        "`\(Self.classKey)` is \(members[Self.classKey]?.text ?? "missing"); networks of \(known) can be read")
    }
    self.init(found)
    let keys = Dictionary(uniqueKeysWithValues: Self.keys(found).map { ($0.name, $0) })
    for (name, value) in members.sorted(by: { $0.key < $1.key }) where !name.hasPrefix("_") {
      guard let key = keys[name] else {
        throw NetworkError(.configuration, "`\(name)` is not a key of \(found.rawValue) in diffusers \(Self.version)")
      }
      if let problem = key.read(&self, value) {
        throw NetworkError(.configuration, "`\(name)` is \(value.text): \(problem)")
      }
    }
    // diffusers takes a width alone as this type too.
    if encoderHidDim != nil, encoderHidDimType == nil { encoderHidDimType = .text }
    try validate()
  }

  /// What diffusers reads from `config.json`: every key of the class.
  public var json: JSON {
    var members: [String: JSON] = [
      Self.classKey: .string(modelClass.rawValue), Self.versionKey: .string(Self.version),
    ]
    for key in Self.keys(modelClass) { members[key.name] = key.write(self) }
    return .object(members)
  }
}

extension UNetConfiguration.ModelClass: ConfigurationChoice {}

extension UNetConfiguration: Codable {
  /// Reads the JSON object of `config.json`.
  public init(from decoder: any Decoder) throws { try self.init(json: JSON(from: decoder)) }

  /// Writes the JSON object of `config.json`.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

extension JSON {
  /// The value as text, for messages.
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
