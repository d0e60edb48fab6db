import Specification
import Tensors

extension FeedForwardNetwork {
  /// Builds the network that a configuration describes.
  ///
  /// Initial distributions: He's for the convolutions of VGG-16 and residual networks, and PyTorch's own for all other
  /// layers, uniform within ±1/√inputs.
  /// - Parameters:
  ///   - inputShape: of one example: [channels, height, width], or [features] of a row, which only an MLP takes.
  ///   - outputs: width of the last layer: classes, or what is predicted of a row.
  /// - Throws: `NetworkError` if the network does not take inputs of that shape.
  public init(
    _ configuration: ClassifierConfiguration, inputShape: [Int], outputs: Int
  ) throws(NetworkError) {
    guard inputShape.allSatisfy({ $0 > 0 }), outputs > 0, [1, 3].contains(inputShape.count) else {
      throw NetworkError(
        .configuration, "inputs \(inputShape) and \(outputs) outputs: sizes of pictures or of a row must be positive")
    }
    let builder = ClassifierBuilder(configuration: configuration, inputShape: inputShape, outputs: outputs)
    switch configuration.architecture {
    case .lenet5: self.init(try builder.lenet5())
    case .vgg16: self.init(try builder.vgg16())
    case .resnet20: self.init(try builder.residual(widths: [16, 32, 64], blocks: 3))
    case .resnet32: self.init(try builder.residual(widths: [16, 32, 64], blocks: 5))
    case .resnet56: self.init(try builder.residual(widths: [16, 32, 64], blocks: 9))
    case .resnet18: self.init(try builder.residual(widths: [64, 128, 256, 512], blocks: 2))
    case .mlp(let hidden, let activation): self.init(try builder.mlp(hidden, activation))
    }
  }
}

/// Puts blocks together.
private struct ClassifierBuilder {
  let configuration: ClassifierConfiguration
  let inputShape: [Int]
  let outputs: Int

  func lenet5() throws(NetworkError) -> [any Block] {
    let (channels, height, width) = try picture()
    // What the original did to digits of 28 × 28: zeros around them make 32 × 32.
    let padding = min(height, width) < 32 ? 2 : 0
    func side(_ pixels: Int) -> Int { ((pixels + 2 * padding - 4) / 2 - 4) / 2 }
    let (first, second) = (scaled(6), scaled(16))
    func block(_ number: Int, _ inputs: Int, _ outputs: Int, padding: Int) -> ConvolutionBlock {
      ConvolutionBlock(
        name: "conv\(number)",
        convolution: Convolution(inputs: inputs, outputs: outputs, kernel: 5, padding: padding),
        norm: norm("bn\(number)", outputs), pool: 2)
    }
    return [block(1, channels, first, padding: padding), block(2, first, second, padding: 0)]
      + perceptron(
        [second * side(height) * side(width), scaled(120), scaled(84)], activation: .relu, normalization: .identity)
  }

  func vgg16() throws(NetworkError) -> [any Block] {
    let (channels, height, width) = try picture()
    var blocks: [any Block] = []
    // Numbered as a sequence of single layers, in which a pool follows each group.
    var (inputs, place) = (channels, 0)
    let layersOfConvolution = configuration.normalization == .identity ? 2 : 3
    for (group, count) in zip([64, 128, 256, 512, 512], [2, 2, 3, 3, 3]) {
      for index in 1...count {
        let outputs = scaled(group)
        blocks.append(
          ConvolutionBlock(
            name: "features.\(place)", convolution: Convolution(inputs: inputs, outputs: outputs, keepsVariance: true),
            norm: norm("features.\(place + 1)", outputs), pool: index == count ? 2 : nil))
        (inputs, place) = (outputs, place + layersOfConvolution)
      }
      place += 1
    }
    return blocks + [Flatten()] + head("classifier", inputs * (height / 32) * (width / 32))
  }

  func residual(widths: [Int], blocks count: Int) throws(NetworkError) -> [any Block] {
    let (channels, _, _) = try picture()
    var inputs = scaled(widths[0])
    var blocks: [any Block] = [
      ConvolutionBlock(
        name: "conv1",
        convolution: Convolution(
          inputs: channels, outputs: inputs, keepsVariance: true, hasBias: configuration.normalization == .identity),
        norm: norm("bn1", inputs))
    ]
    for (stage, width) in widths.enumerated() {
      for index in 0..<count {
        blocks.append(
          ResidualPair(
            name: "layer\(stage + 1).\(index)", inputs: inputs, outputs: scaled(width),
            stride: stage > 0 && index == 0 ? 2 : 1, normalization: configuration.normalization))
        inputs = scaled(width)
      }
    }
    return blocks + [GlobalAveragePool()] + head("fc", inputs)
  }

  func mlp(_ hidden: [Int], _ activation: Activation) throws(NetworkError) -> [any Block] {
    guard configuration.normalization != .filterResponse else {
      throw NetworkError(
        .configuration, "filter responses are means over pixels, which an mlp does not have: use batch norm")
    }
    return perceptron(
      [inputShape.reduce(1, *)] + hidden.map(scaled), activation: activation,
      normalization: configuration.normalization)
  }

  /// Linear layers `fc1`, `fc2`, … of rows that the inputs are flattened to.
  private func perceptron(
    _ widths: [Int], activation: Activation, normalization: ChannelNorm.Kind
  ) -> [any Block] {
    var blocks: [any Block] = [Flatten()]
    for (number, (inputs, outputs)) in zip(1..., zip(widths, widths.dropFirst())) {
      let norm = ChannelNorm(
        kind: normalization, name: "bn\(number)", channels: outputs, activation: activation)
      blocks.append(
        LinearBlock(name: "fc\(number)", linear: Linear(inputs: inputs, outputs: outputs), norm: norm))
      // In front of the head stands its own.
      if number + 1 < widths.count { blocks += dropout("dropout\(number)") }
    }
    return blocks + head("fc\(widths.count)", widths.last ?? 0)
  }

  private func head(_ name: String, _ inputs: Int) -> [any Block] {
    dropout("dropout") + [LinearBlock(name: name, linear: Linear(inputs: inputs, outputs: outputs))]
  }

  private func dropout(_ name: String) -> [any Block] {
    configuration.dropout > 0 ? [Dropout(name: name, probability: configuration.dropout)] : []
  }

  private func norm(_ name: String, _ channels: Int) -> ChannelNorm {
    ChannelNorm(kind: configuration.normalization, name: name, channels: channels, activation: .relu)
  }

  /// A hidden width, multiplied and rounded, at least 1.
  private func scaled(_ width: Int) -> Int { max(1, Int((Double(width) * configuration.width).rounded())) }

  private func picture() throws(NetworkError) -> (channels: Int, height: Int, width: Int) {
    let side = configuration.architecture.leastResolution
    guard inputShape.count == 3 else {
      throw NetworkError(.configuration, "rows of \(inputShape[0]) numbers are not pictures: give the rows to an mlp")
    }
    guard min(inputShape[1], inputShape[2]) >= side else {
      throw NetworkError(
        .configuration,
        "pictures of \(inputShape[1]) × \(inputShape[2]) pixels are too small: this network halves "
          + "them and needs \(side) or more; choose lenet5, a residual network or an mlp, or enlarge the pictures")
    }
    return (inputShape[0], inputShape[1], inputShape[2])
  }
}
