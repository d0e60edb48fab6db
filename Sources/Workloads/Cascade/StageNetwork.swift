import Formats
import Networks
import Runtime
import Specification
import Tensors

/// The network of a stage with what it is conditioned on.
///
/// What a stage enlarges is stretched to its resolution by bilinear interpolation, gets its noise there, and joins the noisy
/// picture as further channels; the level of its noise is the network's class label, encoded as times are.
package struct StageNetwork {
  private let network: any PictureNetwork
  private let stage: StageSpecification
  private let enlarges: Bool

  /// What a batch is conditioned on.
  package struct Condition {
    /// Class of each picture; nil for none.
    package var classes: [Int?]?
    /// Embeddings of captions, [n, tokens, width], and which tokens they have, [n, tokens].
    package var text: (states: Tensor, mask: Tensor)?
    /// Pictures to enlarge, [n, channels, height, width] as large as the result, with noise, and its levels, [n].
    package var low: (pictures: Tensor, levels: Tensor)?

    package init(classes: [Int?]? = nil, text: (states: Tensor, mask: Tensor)? = nil) {
      (self.classes, self.text) = (classes, text)
    }
  }

  /// Makes the network of a stage.
  /// - Parameters:
  ///   - config: the bytes of the file that describes the network, if one does.
  ///   - textWidth: Numbers of a token's embedding; nil without captions.
  package init(_ cascade: CascadeSpecification, stage position: Int, config: [UInt8]?, textWidth: Int?) throws {
    stage = cascade.stages[position]
    enlarges = position > 0
    network = try NetworkChoice(cascade, position, textWidth: textWidth).network(config: config)
    try check(cascade, config != nil)
  }

  /// A network that was described by hand must take what this job gives.
  private func check(_ cascade: CascadeSpecification, _ isGiven: Bool) throws(WorkloadError) {
    guard isGiven else { return }
    let channels = cascade.data.channels
    let (inputs, outputs) = (channels * (enlarges ? 2 : 1), channels * (stage.diffusion.learnsVariance ? 2 : 1))
    guard network.inputChannels == inputs, network.outputChannels == outputs else {
      throw WorkloadError(
        "The stage \(stage.name) needs a network from \(inputs) to \(outputs) channels, and its config describes one from "
          + "\(network.inputChannels) to \(network.outputChannels).")
    }
    guard !network.takesText || cascade.text != nil else {
      throw WorkloadError("The network of the stage \(stage.name) attends to text, and the job has none.")
    }
  }

  package var parameterShapes: [ParameterShape] { network.parameterShapes }

  /// Parameters that are drawn once and never trained.
  var fixedParameters: Set<String> { network.fixedParameters }

  /// The network in the words of diffusers, if these can say it.
  var configuration: [UInt8]? { network.diffusersConfiguration }

  /// The network's answer for a noisy batch [n, channels, height, width] at times [n].
  package func callAsFunction(
    _ noisy: Tensor, _ times: Tensor, _ condition: Condition, parameters: ParameterSet
  ) throws -> Tensor {
    var input = noisy
    var labels: Tensor?
    if enlarges {
      guard let low = condition.low else { throw WorkloadError("The stage \(stage.name) has nothing to enlarge.") }
      input = try Tensor.concatenated([noisy, low.pictures], along: 1)
      labels = try low.levels * network.noiseLevelScale
    } else if let count = network.classCount {
      let chosen = condition.classes ?? Array(repeating: nil, count: noisy.shape[0])
      // The last row of the table stands for no class.
      labels = try Tensor(chosen.map { Int64($0 ?? count - 1) })
    }
    return try network(
      input, timestep: times, classLabels: labels, text: network.takesText ? condition.text?.states : nil,
      textMask: network.takesText ? condition.text?.mask : nil, parameters: parameters)
  }
}

/// What a cascade must know of a network besides computing with it.
protocol PictureNetwork: ImageNetwork {
  var inputChannels: Int { get }
  var outputChannels: Int { get }
  /// Rows of the table of classes, if there is one.
  var classCount: Int? { get }
  var takesText: Bool { get }
  /// What a noise level of 1 is told as.
  var noiseLevelScale: Double { get }
  /// The network in the words of diffusers, as JSON, if these can say it.
  var diffusersConfiguration: [UInt8]? { get }
}

extension UNet: PictureNetwork {
  var inputChannels: Int { configuration.inChannels }
  var outputChannels: Int { configuration.outChannels }
  var classCount: Int? { configuration.classEmbedType == nil ? configuration.numClassEmbeds : nil }
  var takesText: Bool { configuration.modelClass == .conditional }
  /// Levels are encoded as times are, of which there are a thousand.
  var noiseLevelScale: Double { 1000 }
  var diffusersConfiguration: [UInt8]? { configuration.json.bytes }
}

extension EfficientUNet: PictureNetwork {
  var inputChannels: Int { configuration.inChannels }
  var outputChannels: Int { configuration.outChannels }
  var classCount: Int? { nil }
  var takesText: Bool { configuration.textWidth != nil }
  var noiseLevelScale: Double { 1 }
  var diffusersConfiguration: [UInt8]? { nil }
}

/// Turns the few words of a job file into the many of a network.
private struct NetworkChoice {
  private let cascade: CascadeSpecification
  private let position: Int
  private let textWidth: Int?

  init(_ cascade: CascadeSpecification, _ position: Int, textWidth: Int?) {
    (self.cascade, self.position, self.textWidth) = (cascade, position, textWidth)
  }

  private var stage: StageSpecification { cascade.stages[position] }

  func network(config: [UInt8]?) throws -> any PictureNetwork {
    switch stage.network {
    case .config(let path):
      guard let config else { throw WorkloadError("The file \(path) did not come with the job.") }
      return try UNet(UNetConfiguration(json: JSON(bytes: config)))
    case .unet(let unet): return try UNet(configuration(of: unet))
    case .efficientUNet(let unet): return try EfficientUNet(configuration(of: unet))
    }
  }

  private func configuration(of unet: UNetSpecification) -> UNetConfiguration {
    var result = UNetConfiguration(textWidth == nil ? .unconditional : .conditional)
    let channels = cascade.data.channels
    result.sampleSize = .all(stage.resolution)
    result.inChannels = channels * (position > 0 ? 2 : 1)
    result.outChannels = channels * (stage.diffusion.learnsVariance ? 2 : 1)
    result.blockOutChannels = unet.multipliers.map { $0 * unet.channels }
    result.layersPerBlock = .all(unet.blocks)
    result.attentionHeadDim = .all(unet.headWidth)
    result.normNumGroups = unet.groups
    result.resnetTimeScaleShift = unet.scaleShift ? .scaleShift : .shift
    let lowest = stage.resolution >> (unet.multipliers.count - 1)
    let down = unet.multipliers.indices.map { downBlock(unet, at: stage.resolution >> $0) }
    result.downBlockTypes = down
    result.upBlockTypes = down.reversed().map(Self.mirrored)
    if let textWidth {
      result.midBlockType = unet.crossAttention.contains(lowest) ? .simpleCrossAttention : .plain
      result.crossAttentionDim = .all(4 * unet.channels)
      (result.encoderHidDim, result.encoderHidDimType) = (textWidth, .text)
      result.additionEmbedType = .text
      result.additionEmbedTypeNumHeads = (1...max(1, textWidth / 32)).last { textWidth.isMultiple(of: $0) } ?? 1
    } else {
      result.addAttention = unet.attention.contains(lowest)
      result.attnNormNumGroups = unet.groups
      result.downsampleType = unet.residualResampling ? .residual : .convolution
      result.upsampleType = unet.residualResampling ? .residual : .convolution
    }
    if position > 0 {
      result.classEmbedType = .timestep
    } else if case .classes(let count) = cascade.condition {
      result.numClassEmbeds = count + 1
    }
    return result
  }

  private func configuration(of unet: EfficientUNetSpecification) -> EfficientUNetConfiguration {
    var result = EfficientUNetConfiguration(channels: unet.multipliers.map { $0 * unet.channels }, blocks: unet.blocks)
    let channels = cascade.data.channels
    let levels = { (resolutions: [Int]) in
      Set(unet.multipliers.indices.filter { resolutions.contains(stage.resolution >> $0) })
    }
    (result.inChannels, result.outChannels) = (2 * channels, channels * (stage.diffusion.learnsVariance ? 2 : 1))
    (result.attentionLevels, result.textLevels) = (levels(unet.attention), levels(unet.crossAttention))
    (result.headWidth, result.groups, result.textWidth) = (unet.headWidth, unet.groups, textWidth)
    return result
  }

  private func downBlock(_ unet: UNetSpecification, at resolution: Int) -> UNetConfiguration.DownBlockType {
    if textWidth != nil {
      if unet.crossAttention.contains(resolution) { return .simpleCrossAttention }
      if !unet.attention.contains(resolution), unet.residualResampling { return .residual }
    }
    return unet.attention.contains(resolution) ? .attention : .plain
  }

  private static func mirrored(_ block: UNetConfiguration.DownBlockType) -> UNetConfiguration.UpBlockType {
    switch block {
    case .plain: .plain
    case .attention: .attention
    case .residual: .residual
    case .skip: .skip
    case .attentionSkip: .attentionSkip
    case .simpleCrossAttention: .simpleCrossAttention
    case .crossAttention: .crossAttention
    }
  }
}
