import Tensors

/// The embedding of time, class and text that all blocks share; parts `time_proj`, `time_embedding`, `class_embedding`,
/// `add_embedding` and `encoder_hid_proj`.
struct UNetEmbeddings {
  let configuration: UNetConfiguration

  private var isConditional: Bool { configuration.modelClass == .conditional }
  private var width: Int { configuration.embeddingWidth }

  private var encoding: TimestepEncoding {
    let channels = configuration.blockOutChannels[0]
    switch configuration.timeEmbeddingType {
    case .positional:
      return .sinusoidal(width: channels, cosinesFirst: configuration.flipSinToCos, shift: configuration.freqShift)
    case .fourier where isConditional:
      return .fourier(
        frequencies: width / 2, deviation: 1, ofLogarithm: false, cosinesFirst: configuration.flipSinToCos)
    case .fourier: return .fourier(frequencies: channels, deviation: 16, ofLogarithm: true, cosinesFirst: false)
    case .learned: return .table(times: configuration.numTrainTimesteps ?? 0, width: channels)
    }
  }

  private var nonlinearity: Nonlinearity { isConditional ? configuration.actFn : .silu }

  private var timeMLP: EmbeddingMLP {
    EmbeddingMLP(
      inputs: encoding.width, width: width, nonlinearity: nonlinearity, last: configuration.timestepPostAct)
  }

  private var textPooling: TextPooling? {
    guard configuration.additionEmbedType == .text else { return nil }
    return TextPooling(
      textWidth: configuration.encoderHidDim ?? configuration.crossAttentionDim(0), width: width,
      heads: configuration.additionEmbedTypeNumHeads)
  }

  private var textProjection: Linear? {
    guard let given = configuration.encoderHidDim, configuration.encoderHidDimType != nil else { return nil }
    return Linear(inputs: given, outputs: configuration.crossAttentionDim(0))
  }

  private var classProjection: Linear {
    Linear(inputs: configuration.projectionClassEmbeddingsInputDim ?? 0, outputs: width)
  }

  private var classMLP: EmbeddingMLP {
    configuration.classEmbedType == .projection
      ? EmbeddingMLP(inputs: configuration.projectionClassEmbeddingsInputDim ?? 0, width: width)
      : EmbeddingMLP(inputs: encoding.width, width: width, nonlinearity: nonlinearity)
  }

  var parameterShapes: [ParameterShape] {
    encoding.parameterShapes.scoped("time_proj") + timeMLP.parameterShapes.scoped("time_embedding")
      + (textProjection?.parameterShapes.scoped("encoder_hid_proj") ?? [])
      + classShapes.scoped("class_embedding") + (textPooling?.parameterShapes.scoped("add_embedding") ?? [])
  }

  private var classShapes: [ParameterShape] {
    switch configuration.classEmbedType {
    case nil:
      (configuration.numClassEmbeds.map { [ParameterShape("weight", [$0, width], .normal(deviation: 1))] }) ?? []
    case .identity: []
    case .timestep, .projection: classMLP.parameterShapes
    case .simpleProjection: classProjection.parameterShapes
    }
  }

  /// What the blocks see of times [n], class labels and text.
  func callAsFunction(
    timestep: Tensor, classLabels: Tensor?, text: Tensor?, textMask: Tensor?, parameters: ParameterSet
  ) throws -> Conditioning {
    let times = try encoding(timestep, parameters.scope("time_proj"))
    var embedding = try timeMLP(times, parameters.scope("time_embedding"))
    if let classes = try classEmbedding(classLabels, parameters) {
      embedding =
        try configuration.classEmbeddingsConcat
        ? Tensor.concatenated([embedding, classes], along: 1) : embedding + classes
    }
    if let textPooling {
      embedding = try embedding + textPooling(required(text), parameters.scope("add_embedding"))
    }
    embedding = try configuration.timeEmbeddingActFn?(embedding) ?? embedding
    var tokens = text
    if let textProjection { tokens = try textProjection(required(text), parameters.scope("encoder_hid_proj")) }
    return Conditioning(
      activated: try configuration.actFn(embedding), embedding: embedding, text: tokens,
      textBias: try textMask.map(Self.bias))
  }

  private func required(_ text: Tensor?) throws -> Tensor {
    guard let text else { throw NetworkError(.invalidArgument, "the network is conditioned on text: give it `text`") }
    return text
  }

  private func classEmbedding(_ labels: Tensor?, _ parameters: ParameterSet) throws -> Tensor? {
    let hasClasses = configuration.classEmbedType != nil || configuration.numClassEmbeds != nil
    guard let labels else {
      guard !hasClasses else {
        throw NetworkError(.invalidArgument, "the network is conditioned on classes: give it `classLabels`")
      }
      return nil
    }
    guard hasClasses else {
      throw NetworkError(.invalidArgument, "the network knows no classes: give it no `classLabels`")
    }
    let scope = parameters.scope("class_embedding")
    switch configuration.classEmbedType {
    case nil: return try scope.tensor("weight").rows(at: labels.converted(to: .int64))
    case .identity: return labels
    case .timestep: return try classMLP(encoding(labels, parameters.scope("time_proj")), scope)
    case .projection: return try classMLP(labels, scope)
    case .simpleProjection: return try classProjection(labels, scope)
    }
  }

  /// A mask [n, tokens] as what is added to scores: −10000, as in diffusers, is nothing after a softmax, unless all
  /// tokens are masked.
  static func bias(_ mask: Tensor) throws -> Tensor {
    let hidden = try mask.converted(to: .bool).converted(to: .float32) - 1
    return try (hidden * 10000).unsqueezed(at: 1).unsqueezed(at: 1)
  }
}
