import Specification
import Tensors

/// A convolution, its norm and activation, and the largest of squares of pixels.
struct ConvolutionBlock: Block {
  /// Name of the convolution's parameters.
  let name: String
  let convolution: Convolution
  let norm: ChannelNorm
  /// Side of the squares; nil keeps all pixels.
  var pool: Int?

  var parameterShapes: [ParameterShape] { convolution.parameterShapes.scoped(name) + norm.parameterShapes }
  var statisticShapes: [ParameterShape] { norm.statisticShapes }

  /// Whether nothing is seen of what is between the convolution and the pool.
  private func isAtOnce(_ pass: ForwardPass) -> Bool {
    norm.kind == .identity && norm.activation == .relu && pool == 2 && convolution.stride == 1 && convolution.hasBias
      && !pass.records
  }

  func callAsFunction(_ x: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    if isAtOnce(pass) {
      return try x.convolvedAndPooled(
        weight: parameters.tensor("\(name).weight"), bias: parameters.tensor("\(name).bias"),
        padding: convolution.zeros)
    }
    let y = try norm(pass.run(convolution, name, x, parameters), parameters, pass)
    return try pool.map { try y.maximumPooled(size: $0) } ?? y
  }
}

/// Two convolutions of 3 × 3 with a shortcut around them (He et al. 2016, figure 2): y = relu(norm(conv(relu(norm(conv x)))) + x).
///
/// Where the stride or the channels change, the shortcut is a convolution of 1 × 1 with its norm (ibid., option B), in the parts
/// `downsample.0` and `downsample.1`.
struct ResidualPair: Block {
  let name: String
  let inputs: Int
  let outputs: Int
  let stride: Int
  let normalization: ChannelNorm.Kind

  private var conv1: Convolution { conv(inputs, stride: stride) }
  private var conv2: Convolution { conv(outputs) }
  private var norm1: ChannelNorm {
    ChannelNorm(kind: normalization, name: "\(name).bn1", channels: outputs, activation: .relu)
  }
  private var norm2: ChannelNorm { ChannelNorm(kind: normalization, name: "\(name).bn2", channels: outputs) }
  private var shortcut: (convolution: Convolution, norm: ChannelNorm)? {
    guard stride != 1 || inputs != outputs else { return nil }
    return (
      conv(inputs, kernel: 1, stride: stride),
      ChannelNorm(kind: normalization, name: "\(name).downsample.1", channels: outputs)
    )
  }

  private func conv(_ inputs: Int, kernel: Int = 3, stride: Int = 1) -> Convolution {
    Convolution(
      inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, keepsVariance: true,
      hasBias: normalization == .identity)
  }

  var parameterShapes: [ParameterShape] {
    let pair =
      conv1.parameterShapes.scoped("\(name).conv1") + norm1.parameterShapes
      + conv2.parameterShapes.scoped("\(name).conv2") + norm2.parameterShapes
    guard let shortcut else { return pair }
    return pair + shortcut.convolution.parameterShapes.scoped("\(name).downsample.0") + shortcut.norm.parameterShapes
  }

  var statisticShapes: [ParameterShape] {
    norm1.statisticShapes + norm2.statisticShapes + (shortcut?.norm.statisticShapes ?? [])
  }

  func callAsFunction(_ x: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    var y = try norm1(pass.run(conv1, "\(name).conv1", x, parameters), parameters, pass)
    y = try norm2(pass.run(conv2, "\(name).conv2", y, parameters), parameters, pass)
    guard let shortcut else { return try (y + x).relu() }
    let projected = try pass.run(shortcut.convolution, "\(name).downsample.0", x, parameters)
    return try (y + shortcut.norm(projected, parameters, pass)).relu()
  }
}

/// The mean over all pixels: [batch, channels, height, width] to [batch, channels].
struct GlobalAveragePool: Block {
  let name = "pool"

  func callAsFunction(_ x: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    try x.mean(alongAll: [2, 3])
  }
}

/// Everything but the batch in one row, in C order.
struct Flatten: Block {
  let name = "flatten"

  func callAsFunction(_ x: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    try x.reshaped(to: [x.shape[0], -1])
  }
}

/// A linear layer, its norm and activation.
struct LinearBlock: Block {
  let name: String
  let linear: Linear
  /// None behind the last layer of a network.
  var norm: ChannelNorm?

  var parameterShapes: [ParameterShape] { linear.parameterShapes.scoped(name) + (norm?.parameterShapes ?? []) }
  var statisticShapes: [ParameterShape] { norm?.statisticShapes ?? [] }

  func callAsFunction(_ x: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    let y = try pass.run(linear, name, x, parameters)
    return try norm?(y, parameters, pass) ?? y
  }
}

/// Elements dropped by chance, where the pass has a key for it.
struct Dropout: Block {
  let name: String
  let probability: Double

  func callAsFunction(_ x: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor {
    try pass.drop(x, probability: probability, block: name)
  }
}
