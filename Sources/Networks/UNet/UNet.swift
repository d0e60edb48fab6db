import Tensors

/// A U-Net (Ronneberger et al. 2015) that predicts from a noisy image, as Ho et al. 2020, Dhariwal & Nichol 2021 (ADM), Song
/// et al. 2021 (NCSN++), Saharia et al. 2022 and Rombach et al. 2022 made it for diffusion.
///
/// Parameter names and configurations are those of diffusers' UNet2DModel and UNet2DConditionModel, so that weights and
/// `config.json` of one are weights and `config.json` of the other; see `ModelFolder`.
public struct UNet {
  /// What the network is made of.
  public let configuration: UNetConfiguration
  private let embeddings: UNetEmbeddings
  private let downBlocks: [DownBlock]
  private let middleBlock: MiddleBlock?
  private let upBlocks: [UpBlock]

  /// Makes a network.
  /// - Throws: `NetworkError` if the configuration does not fit together.
  public init(_ configuration: UNetConfiguration) throws(NetworkError) {
    try configuration.validate()
    self.configuration = configuration
    embeddings = UNetEmbeddings(configuration: configuration)
    downBlocks = configuration.downBlocks
    middleBlock = configuration.middleBlock
    upBlocks = configuration.upBlocks
  }

  private var inputConvolution: Convolution {
    Convolution(
      inputs: configuration.inChannels, outputs: configuration.blockOutChannels[0],
      kernel: configuration.convInKernel)
  }
  private var outputNorm: GroupNorm {
    GroupNorm(
      channels: configuration.blockOutChannels[0], groups: configuration.normNumGroups,
      epsilon: configuration.normEps)
  }
  private var outputNonlinearity: Nonlinearity {
    configuration.modelClass == .conditional ? configuration.actFn : .silu
  }
  /// Begins at zero, so that the network predicts zero at first.
  private var outputConvolution: Convolution {
    Convolution(
      inputs: configuration.blockOutChannels[0], outputs: configuration.outChannels,
      kernel: configuration.convOutKernel, startsAtZero: true)
  }

  /// The parameters in the order of the layers.
  public var parameterShapes: [ParameterShape] {
    inputConvolution.parameterShapes.scoped("conv_in") + embeddings.parameterShapes
      + downBlocks.enumerated().flatMap { $1.parameterShapes.scoped("down_blocks.\($0)") }
      + (middleBlock?.parameterShapes.scoped("mid_block") ?? [])
      + upBlocks.enumerated().flatMap { $1.parameterShapes.scoped("up_blocks.\($0)") }
      + outputNorm.parameterShapes.scoped("conv_norm_out") + outputConvolution.parameterShapes.scoped("conv_out")
  }

  /// Parameters that are drawn once and never trained: random Fourier frequencies.
  public var fixedParameters: Set<String> {
    configuration.timeEmbeddingType == .fourier ? ["time_proj.weight"] : []
  }

  /// The network's output [n, outChannels, height, width].
  /// - Parameters:
  ///   - sample: [n, inChannels, height, width].
  ///   - timestep: [n]; times, or noise levels where the network's embedding is Fourier's (the output is then divided by
  ///     them, in UNet2DModel).
  ///   - classLabels: [n] classes, or what `classEmbedType` says.
  ///   - text: [n, tokens, width].
  ///   - textMask: [n, tokens], true (or 1) for tokens that may be attended to. The pooled embedding of `additionEmbedType`
  ///     sees all tokens, as in diffusers.
  /// - Throws: `NetworkError` if an input is missing or a parameter is; `TensorError` if a shape does not fit.
  public func callAsFunction(
    _ sample: Tensor, timestep: Tensor, classLabels: Tensor? = nil, text: Tensor? = nil, textMask: Tensor? = nil,
    parameters: ParameterSet
  ) throws -> Tensor {
    let shape = sample.shape
    guard shape.count == 4, shape[1] == configuration.inChannels, timestep.shape == [shape[0]] else {
      throw NetworkError(
        .invalidArgument,
        "the network takes a sample [n, \(configuration.inChannels), height, width] and timesteps [n], not \(shape) "
          + "and \(timestep.shape)")
    }
    let conditioning = try embeddings(
      timestep: timestep, classLabels: classLabels, text: text, textMask: textMask, parameters: parameters)
    let input = try (configuration.centerInputSample ? sample * 2 - 1 : sample).channelsLast()
    var x = try inputConvolution(input, parameters.scope("conv_in"))
    var (kept, skip) = ([x], Tensor?.some(input))
    for (index, block) in downBlocks.enumerated() {
      x = try block(x, kept: &kept, skip: &skip, conditioning, parameters.scope("down_blocks").scope(index))
    }
    if let middleBlock { x = try middleBlock(x, conditioning, parameters.scope("mid_block")) }
    skip = nil
    for (index, block) in upBlocks.enumerated() {
      x = try block(x, kept: &kept, skip: &skip, conditioning, parameters.scope("up_blocks").scope(index))
    }
    x = try outputNorm(x, then: outputNonlinearity, parameters.scope("conv_norm_out"))
    x = try outputConvolution(x, parameters.scope("conv_out"))
    if let skip { x = try x + skip }
    guard configuration.modelClass == .unconditional, configuration.timeEmbeddingType == .fourier else { return x }
    return try x / timestep.converted(to: .float32).reshaped(to: [shape[0], 1, 1, 1])
  }
}
