/// What a U-Net is made of, in the words of diffusers' UNet2DModel and UNet2DConditionModel (version 0.42).
///
/// A configuration reads and writes their `config.json`. What that file can say and this network cannot do is refused by
/// the name of the key. Names are those of the file in Swift's spelling; `UNetConfiguration+Keys` pairs them.
public struct UNetConfiguration: Equatable, Sendable {
  /// The two classes of networks, by their names in Python.
  public enum ModelClass: String, CaseIterable, Sendable {
    /// Conditioned on time and class.
    case unconditional = "UNet2DModel"
    /// Conditioned on time, class and text.
    case conditional = "UNet2DConditionModel"
  }

  /// How times become features.
  public enum TimeEmbedding: String, CaseIterable, Sendable {
    /// Sines and cosines of fixed frequencies.
    case positional
    /// Sines and cosines of random frequencies.
    case fourier
    /// A table over `numTrainTimesteps` whole times.
    case learned
  }

  /// What class labels are; a table of `numClassEmbeds` rows where this is nil.
  public enum ClassEmbedding: String, CaseIterable, Sendable {
    /// Numbers that are encoded as times are, such as a noise level.
    case timestep
    /// Embeddings already, [n, width].
    case identity
    /// Vectors of `projectionClassEmbeddingsInputDim` that an MLP, or one linear layer, projects.
    case projection
    case simpleProjection = "simple_projection"
  }

  /// How the embedding enters a residual block.
  public enum TimeScaleShift: String, CaseIterable, Sendable {
    case shift = "default"
    case scaleShift = "scale_shift"
  }

  /// How blocks with self attention change the resolution.
  public enum Resampler: String, CaseIterable, Sendable {
    case convolution = "conv"
    case residual = "resnet"
  }

  /// How text tokens are normalised before simple cross attention.
  public enum CrossAttentionNorm: String, CaseIterable, Sendable {
    case group = "group_norm"
    case layer = "layer_norm"
  }

  /// The blocks of the way down.
  public enum DownBlockType: String, CaseIterable, Sendable {
    case plain = "DownBlock2D"
    case attention = "AttnDownBlock2D"
    case residual = "ResnetDownsampleBlock2D"
    case skip = "SkipDownBlock2D"
    case attentionSkip = "AttnSkipDownBlock2D"
    case simpleCrossAttention = "SimpleCrossAttnDownBlock2D"
    case crossAttention = "CrossAttnDownBlock2D"
  }

  /// The blocks of the way up.
  public enum UpBlockType: String, CaseIterable, Sendable {
    case plain = "UpBlock2D"
    case attention = "AttnUpBlock2D"
    case residual = "ResnetUpsampleBlock2D"
    case skip = "SkipUpBlock2D"
    case attentionSkip = "AttnSkipUpBlock2D"
    case simpleCrossAttention = "SimpleCrossAttnUpBlock2D"
    case crossAttention = "CrossAttnUpBlock2D"
  }

  /// The blocks between; `none` leaves the place empty.
  public enum MiddleBlockType: String, CaseIterable, Sendable {
    case plain = "UNetMidBlock2D"
    case simpleCrossAttention = "UNetMidBlock2DSimpleCrossAttn"
    case crossAttention = "UNetMidBlock2DCrossAttn"
  }

  /// What the whole text adds to the embedding.
  public enum AdditionEmbedding: String, CaseIterable, Sendable {
    /// Attention pooling of its tokens.
    case text
  }

  /// How text tokens become what is attended to.
  public enum EncoderProjection: String, CaseIterable, Sendable {
    /// One linear layer.
    case text = "text_proj"
  }

  public let modelClass: ModelClass

  /// Height and width in training, or one number for both; the network itself takes any size.
  public var sampleSize: PerLevel<Int>?
  public var inChannels: Int
  public var outChannels: Int
  /// The input is mapped from 0…1 to −1…1 first.
  public var centerInputSample = false
  public var timeEmbeddingType = TimeEmbedding.positional
  /// Width of the embedding; by default four times the first channels (twice for fourier with text).
  public var timeEmbeddingDim: Int?
  public var freqShift = 0.0
  public var flipSinToCos = true
  public var downBlockTypes: [DownBlockType]
  public var midBlockType: MiddleBlockType?
  public var upBlockTypes: [UpBlockType]
  /// Channels of each resolution, from the highest.
  public var blockOutChannels: [Int]
  /// Residual blocks of a resolution on the way down; the way up has one more.
  public var layersPerBlock = PerLevel.all(2)
  public var midBlockScaleFactor = 1.0
  /// 1, or 0: zeros stand right and below only.
  public var downsamplePadding = 1
  public var actFn = Nonlinearity.silu
  /// Width of an attention head (UNet2DModel, simple cross attention), or, by an old mistake that diffusers keeps, number
  /// of heads (cross attention). nil, which UNet2DModel alone takes: one head.
  public var attentionHeadDim: PerLevel<Int>? = .all(8)
  public var normNumGroups = 32
  public var normEps = 1e-5
  public var resnetTimeScaleShift = TimeScaleShift.shift
  public var classEmbedType: ClassEmbedding?
  public var numClassEmbeds: Int?

  // UNet2DModel only.
  public var downsampleType = Resampler.convolution
  public var upsampleType = Resampler.convolution
  /// Groups of the middle attention's norm; by default `normNumGroups`, or no norm with `scaleShift`.
  public var attnNormNumGroups: Int?
  /// Whether the middle block has attention.
  public var addAttention = true
  public var numTrainTimesteps: Int?

  // UNet2DConditionModel only.
  public var onlyCrossAttention = PerLevel.all(false)
  /// Width of the text tokens that blocks see.
  public var crossAttentionDim = PerLevel.all(1280)
  public var transformerLayersPerBlock = PerLevel.all(1)
  /// Width of the text tokens given, where `encoderHidDimType` projects them.
  public var encoderHidDim: Int?
  public var encoderHidDimType: EncoderProjection?
  public var useLinearProjection = false
  public var additionEmbedType: AdditionEmbedding?
  public var additionEmbedTypeNumHeads = 64
  /// Attention in single precision, as it is here anyway.
  public var upcastAttention = false
  public var resnetSkipTimeAct = false
  public var resnetOutScaleFactor = 1.0
  public var timeEmbeddingActFn: Nonlinearity?
  public var timestepPostAct: Nonlinearity?
  public var convInKernel = 3
  public var convOutKernel = 3
  public var projectionClassEmbeddingsInputDim: Int?
  /// The class's embedding stands beside the time's and is not added to it.
  public var classEmbeddingsConcat = false
  public var midBlockOnlyCrossAttention: Bool?
  public var crossAttentionNorm: CrossAttentionNorm?

  /// The defaults of a class.
  public init(_ modelClass: ModelClass) {
    self.modelClass = modelClass
    switch modelClass {
    case .unconditional:
      (inChannels, outChannels) = (3, 3)
      downBlockTypes = [.plain, .attention, .attention, .attention]
      midBlockType = .plain
      upBlockTypes = [.attention, .attention, .attention, .plain]
      blockOutChannels = [224, 448, 672, 896]
    case .conditional:
      (inChannels, outChannels) = (4, 4)
      downBlockTypes = [.crossAttention, .crossAttention, .crossAttention, .plain]
      midBlockType = .crossAttention
      upBlockTypes = [.plain, .crossAttention, .crossAttention, .crossAttention]
      blockOutChannels = [320, 640, 1280, 1280]
    }
  }
}

/// A setting that is the same at every resolution or has a value for each, from the highest.
public enum PerLevel<Value: Equatable & Sendable>: Equatable, Sendable {
  case all(Value)
  case each([Value])

  /// The value of a resolution. A list has been checked to be long enough by `validate()`.
  func callAsFunction(_ level: Int) -> Value {
    switch self {
    case .all(let value): value
    case .each(let values): values[level]
    }
  }

  /// Every value named.
  var values: [Value] {
    switch self {
    case .all(let value): [value]
    case .each(let values): values
    }
  }
}
