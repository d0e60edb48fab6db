import Tensors

/// What follows a residual block at the same resolution.
enum BlockAttention {
  case pixels(PixelAttention)
  case transformer(PixelTransformer)

  var parameterShapes: [ParameterShape] {
    switch self {
    case .pixels(let attention): attention.parameterShapes
    case .transformer(let transformer): transformer.parameterShapes
    }
  }

  func callAsFunction(_ x: Tensor, _ conditioning: Conditioning, _ parameters: ParameterScope) throws -> Tensor {
    switch self {
    case .pixels(let attention): try attention(x, conditioning, parameters)
    case .transformer(let transformer): try transformer(x, conditioning, parameters)
    }
  }
}

/// One resolution of the way down: parts `resnets.i`, `attentions.i` and a downsampler.
struct DownBlock {
  var residuals: [ResidualBlock]
  /// None, or one after each residual block.
  var attentions: [BlockAttention] = []
  var downsampler: Downsampler?

  var parameterShapes: [ParameterShape] {
    residuals.enumerated().flatMap { $1.parameterShapes.scoped("resnets.\($0)") }
      + attentions.enumerated().flatMap { $1.parameterShapes.scoped("attentions.\($0)") }
      + (downsampler?.parameterShapes ?? [])
  }

  /// The block's output; what the way up will take is appended to `kept`, and `skip` is the network's input, made
  /// smaller where the block has a use for it.
  func callAsFunction(
    _ x: Tensor, kept: inout [Tensor], skip: inout Tensor?, _ conditioning: Conditioning,
    _ parameters: ParameterScope
  ) throws -> Tensor {
    var x = x
    for (index, residual) in residuals.enumerated() {
      x = try residual(x, conditioning, parameters.scope("resnets").scope(index))
      if !attentions.isEmpty {
        x = try attentions[index](x, conditioning, parameters.scope("attentions").scope(index))
      }
      kept.append(x)
    }
    guard let downsampler else { return x }
    x = try downsampler(x, skip: &skip, conditioning, parameters)
    kept.append(x)
    return x
  }
}

/// The lowest resolution: a residual block, then each attention with another residual block after it.
struct MiddleBlock {
  var residuals: [ResidualBlock]
  /// One less than there are residual blocks; nil where no attention stands between two.
  var attentions: [BlockAttention?]

  var parameterShapes: [ParameterShape] {
    attentions.enumerated().flatMap { $1?.parameterShapes.scoped("attentions.\($0)") ?? [] }
      + residuals.enumerated().flatMap { $1.parameterShapes.scoped("resnets.\($0)") }
  }

  func callAsFunction(_ x: Tensor, _ conditioning: Conditioning, _ parameters: ParameterScope) throws -> Tensor {
    var x = x
    for (index, residual) in residuals.enumerated() {
      if index > 0, let attention = attentions[index - 1] {
        x = try attention(x, conditioning, parameters.scope("attentions").scope(index - 1))
      }
      x = try residual(x, conditioning, parameters.scope("resnets").scope(index))
    }
    return x
  }
}

/// One resolution of the way up: parts `resnets.i`, `attentions.i` and an upsampler.
struct UpBlock {
  /// Each takes its input and what the way down kept, side by side in channels.
  var residuals: [ResidualBlock]
  /// None, one after each residual block, or (NCSN++) one after the last.
  var attentions: [BlockAttention] = []
  var upsampler: Upsampler?
  /// The block adds to the network's output what it makes of its own (NCSN++).
  var output: OutputSkip?

  var parameterShapes: [ParameterShape] {
    residuals.enumerated().flatMap { $1.parameterShapes.scoped("resnets.\($0)") }
      + attentions.enumerated().flatMap { $1.parameterShapes.scoped("attentions.\($0)") }
      + (upsampler?.parameterShapes ?? []) + (output?.parameterShapes ?? [])
  }

  func callAsFunction(
    _ x: Tensor, kept: inout [Tensor], skip: inout Tensor?, _ conditioning: Conditioning,
    _ parameters: ParameterScope
  ) throws -> Tensor {
    var x = x
    for (index, residual) in residuals.enumerated() {
      guard let other = kept.popLast() else {
        throw NetworkError(.invalidArgument, "\(parameters.path) takes more than the way down kept")
      }
      x = try residual(
        Tensor.concatenated([x, other], along: 1), conditioning, parameters.scope("resnets").scope(index))
      if attentions.count == residuals.count {
        x = try attentions[index](x, conditioning, parameters.scope("attentions").scope(index))
      }
    }
    if let attention = attentions.first, attentions.count < residuals.count {
      x = try attention(x, conditioning, parameters.scope("attentions").scope(0))
    }
    if let output { return try output(x, skip: &skip, conditioning, parameters) }
    return try upsampler?(x, like: kept.last, conditioning, parameters) ?? x
  }
}

/// The output's own way up in NCSN++ (Song et al. 2021, appendix H): the image so far is doubled, and each resolution adds
/// to it. Parts `skip_norm`, `skip_conv` and `resnet_up`, which the last resolution lacks.
struct OutputSkip {
  /// Norm and convolution to the image, and the block that doubles what goes on; nil at the last resolution.
  var more: (norm: GroupNorm, convolution: Convolution, doubling: ResidualBlock)?

  var parameterShapes: [ParameterShape] {
    guard let more else { return [] }
    return more.doubling.parameterShapes.scoped("resnet_up") + more.convolution.parameterShapes.scoped("skip_conv")
      + more.norm.parameterShapes.scoped("skip_norm")
  }

  func callAsFunction(
    _ x: Tensor, skip: inout Tensor?, _ conditioning: Conditioning, _ parameters: ParameterScope
  ) throws -> Tensor {
    skip = try skip.map { try Resampling.doubleFiltered($0) }
    guard let more else { return x }
    let image = try more.convolution(
      more.norm(x, then: .silu, parameters.scope("skip_norm")), parameters.scope("skip_conv"))
    skip = try skip.map { try $0 + image } ?? image
    return try more.doubling(x, conditioning, parameters.scope("resnet_up"))
  }
}
