import Tensors

/// Halving or doubling of an image without parameters.
enum Resampling {
  /// The mean of squares of four pixels.
  case halve
  /// Each pixel four times.
  case double
  /// Through the filter [1 3 3 1]/8 in both directions, so that nothing aliases (Zhang 2019; NCSN++, Song et al. 2021).
  case halveFiltered, doubleFiltered

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    switch self {
    case .halve: return try x.averagePooled(size: 2)
    case .double: return try x.resized(to: (2 * x.shape[2], 2 * x.shape[3]))
    case .halveFiltered:
      let channels = x.shape[1]
      return try x.convolved(weight: Self.filter(channels, gain: 1), stride: 2, padding: 1, groups: channels)
    case .doubleFiltered:
      let channels = x.shape[1]
      // Three of four pixels between which the filter is applied are zeros, so its weights are four times as large.
      return try x.transposeConvolved(weight: Self.filter(channels, gain: 4), stride: 2, padding: 1, groups: channels)
    }
  }

  /// The outer product of [1 3 3 1]/8 with itself for every channel, [channels, 1, 4, 4].
  private static func filter(_ channels: Int, gain: Float) throws -> Tensor {
    let taps: [Float] = [1, 3, 3, 1]
    let square = taps.flatMap { a in taps.map { gain * a * $0 / 64 } }
    return try Tensor(square, shape: [1, 1, 4, 4]).expanded(to: [channels, 1, 4, 4]).contiguous()
  }
}

/// What makes an image smaller at the end of a block.
enum Downsampler {
  /// A convolution of stride 2, part `downsamplers.0.conv`.
  case convolution(Convolution)
  /// A residual block that halves, part `downsamplers.0`.
  case residual(ResidualBlock)
  /// A residual block `resnet_down` that halves, to which `skip_conv` adds what it makes of the network's filtered input.
  case skip(ResidualBlock, Convolution)

  var parameterShapes: [ParameterShape] {
    switch self {
    case .convolution(let convolution): convolution.parameterShapes.scoped("downsamplers.0.conv")
    case .residual(let block): block.parameterShapes.scoped("downsamplers.0")
    case .skip(let block, let convolution):
      block.parameterShapes.scoped("resnet_down") + convolution.parameterShapes.scoped("skip_conv")
    }
  }

  /// The smaller image; `skip` is the network's input, made smaller along.
  func callAsFunction(
    _ x: Tensor, skip: inout Tensor?, _ conditioning: Conditioning, _ parameters: ParameterScope
  ) throws -> Tensor {
    switch self {
    case .convolution(let convolution):
      // Without padding diffusers puts zeros to the right and below.
      let padded = convolution.padding == 0 ? try x.padded([0, 1, 0, 1]) : x
      return try convolution(padded, parameters.scope("downsamplers.0.conv"))
    case .residual(let block): return try block(x, conditioning, parameters.scope("downsamplers.0"))
    case .skip(let block, let convolution):
      let h = try block(x, conditioning, parameters.scope("resnet_down"))
      guard let input = skip else { return h }
      let smaller = try Resampling.halveFiltered(input)
      skip = smaller
      return try convolution(smaller, parameters.scope("skip_conv")) + h
    }
  }
}

/// What makes an image larger at the end of a block.
enum Upsampler {
  /// Each pixel four times, then a convolution, part `upsamplers.0.conv`.
  case convolution(Convolution)
  /// A residual block that doubles, part `upsamplers.0`.
  case residual(ResidualBlock)

  var parameterShapes: [ParameterShape] {
    switch self {
    case .convolution(let convolution): convolution.parameterShapes.scoped("upsamplers.0.conv")
    case .residual(let block): block.parameterShapes.scoped("upsamplers.0")
    }
  }

  /// The larger image.
  /// - Parameter like: an image of the size to reach, which is not twice as large where a side was odd.
  func callAsFunction(
    _ x: Tensor, like: Tensor?, _ conditioning: Conditioning, _ parameters: ParameterScope
  ) throws -> Tensor {
    switch self {
    case .convolution(let convolution):
      let (height, width) = (like?.shape[2] ?? 2 * x.shape[2], like?.shape[3] ?? 2 * x.shape[3])
      return try convolution(x.resized(to: (height, width)), parameters.scope("upsamplers.0.conv"))
    case .residual(let block): return try block(x, conditioning, parameters.scope("upsamplers.0"))
    }
  }
}
