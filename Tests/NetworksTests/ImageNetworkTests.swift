import Networks
import Tensors
import Testing

/// What must hold of a network whatever its weights are.
@Suite struct ImageNetworkTests {
  static func efficient(attention: Set<Int> = [1], text: Set<Int> = [1]) -> EfficientUNetConfiguration {
    var configuration = EfficientUNetConfiguration(channels: [8, 16], blocks: [1, 2])
    (configuration.attentionLevels, configuration.textLevels) = (attention, text)
    (configuration.headWidth, configuration.groups) = (8, 4)
    configuration.textWidth = text.isEmpty ? nil : 12
    return configuration
  }

  static func conditional() -> UNetConfiguration {
    var configuration = UNetConfiguration(.conditional)
    configuration.inChannels = 6
    configuration.blockOutChannels = [8, 16]
    configuration.downBlockTypes = [.crossAttention, .simpleCrossAttention]
    configuration.upBlockTypes = [.simpleCrossAttention, .plain]
    (configuration.layersPerBlock, configuration.normNumGroups) = (.all(1), 4)
    (configuration.crossAttentionDim, configuration.attentionHeadDim) = (.all(12), .all(4))
    configuration.classEmbedType = .timestep
    return configuration
  }

  static let key = RandomKey(seed: 11)
  static func sample(_ size: Int = 16, batch: Int = 3) throws -> Tensor {
    try Tensor.normals(key: key.purpose("sample"), shape: [batch, 6, size, size])
  }
  static func text() throws -> Tensor { try Tensor.normals(key: key.purpose("text"), shape: [3, 5, 12]) }
  static func times() throws -> Tensor { try Tensor([Float(0), 20, 999]) }
  static func levels() throws -> Tensor { try Tensor([Float(0), 0.3, 1]) }

  /// Weights none of which is zero.
  static func weights(_ network: some ImageNetwork) throws -> ParameterSet {
    ParameterSet(
      try network.parameterShapes.map { shape in
        let fan = Double(max(1, shape.shape.dropFirst().reduce(1, *))).squareRoot()
        let normals = try Tensor.normals(key: key.purpose(shape.name), shape: shape.shape) * (0.7 / fan)
        return (shape.name, try shape.initial == .ones ? normals * 0.1 + 1 : normals)
      })
  }

  static func networks() throws -> [any ImageNetwork] { [try EfficientUNet(efficient()), try UNet(conditional())] }

  @Test func aFreshNetworkPredictsZero() throws {
    for network in try Self.networks() {
      let parameters = try ParameterSet(network.parameterShapes, key: Self.key)
      let output = try network(
        Self.sample(), timestep: Self.times(), classLabels: Self.levels(), text: Self.text(), textMask: nil,
        parameters: parameters)
      #expect(try output.abs().maximum().scalar() == 0)
      #expect(parameters.count == network.parameterShapes.reduce(0) { $0 + $1.shape.reduce(1, *) })
    }
  }

  @Test func maskedTokensHaveNoInfluence() throws {
    let mask = try Tensor([UInt8](arrayLiteral: 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0), shape: [3, 5])
    let hidden = try (mask.converted(to: .float32) - 1).unsqueezed(at: 2)
    for network in try Self.networks() {
      let parameters = try Self.weights(network)
      func output(_ text: Tensor, mask: Tensor?) throws -> Tensor {
        try network(
          Self.sample(), timestep: Self.times(), classLabels: Self.levels(), text: text, textMask: mask,
          parameters: parameters)
      }
      let other = try Tensor.normals(key: Self.key.purpose("other"), shape: [3, 5, 12])
      let (text, changed) = (try Self.text(), try Self.text() + hidden * other)
      #expect(try (output(text, mask: mask) - output(changed, mask: mask)).abs().maximum().scalar() == 0)
      #expect(try (output(text, mask: nil) - output(changed, mask: nil)).abs().maximum().scalar() > 1e-3)
      // Of a batch each image sees its own text only, and the text of an image counts.
      let swapped = try Tensor.concatenated(
        [text.narrowed(start: 0, length: 2), text.narrowed(start: 0, length: 1)], along: 0)
      let difference = try (output(text, mask: mask) - output(swapped, mask: mask)).abs().maximum(along: 1)
      #expect(try difference.narrowed(start: 0, length: 2).maximum().scalar() == 0)
      #expect(try difference.narrowed(start: 2, length: 1).maximum().scalar() > 1e-3)
    }
  }

  @Test func textOfWhichNothingIsLeftIsLikeAnyOther() throws {
    let network = try EfficientUNet(Self.efficient(attention: []))
    let parameters = try Self.weights(network)
    let none = try Tensor.full(0, shape: [3, 5], type: .bool)
    let outputs = try [Self.text(), Self.text() * 3 + 1].map {
      try network(
        Self.sample(), timestep: Self.times(), classLabels: Self.levels(), text: $0, textMask: none,
        parameters: parameters)
    }
    #expect(try (outputs[0] - outputs[1]).abs().maximum().scalar() == 0)
  }

  @Test func imagesOfABatchDoNotSeeEachOther() throws {
    let order = try Tensor([Int64(2), 0, 1])
    for network in try Self.networks() {
      let parameters = try Self.weights(network)
      let output = try network(
        Self.sample(), timestep: Self.times(), classLabels: Self.levels(), text: Self.text(), textMask: nil,
        parameters: parameters)
      let permuted = try network(
        Self.sample().rows(at: order), timestep: Self.times().rows(at: order),
        classLabels: Self.levels().rows(at: order), text: Self.text().rows(at: order), textMask: nil,
        parameters: parameters)
      #expect(try (output.rows(at: order) - permuted).abs().maximum().scalar() < 1e-4)
      #expect(try (output - permuted).abs().maximum().scalar() > 0.1)
    }
  }

  /// A network without attention cannot tell where a thing is: moved by whole pixels of the lowest resolution, its output
  /// moves along. Norms see the same numbers as long as the borders' influence and the thing's do not meet.
  @Test func theConvolutionalNetworkIsEquivariant() throws {
    let network = try EfficientUNet(Self.efficient(attention: [], text: []))
    let parameters = try Self.weights(network)
    let thing = try Tensor.normals(key: Self.key.purpose("thing"), shape: [1, 6, 8, 8])
    func output(_ left: Int, _ top: Int) throws -> Tensor {
      try network(
        thing.padded([left, 152 - left, top, 152 - top]), timestep: Tensor([Float(5)]),
        classLabels: Tensor([Float(0.1)]), parameters: parameters)
    }
    func window(_ image: Tensor, _ left: Int, _ top: Int) throws -> Tensor {
      try image.narrowed(dimension: 3, start: left - 10, length: 28).narrowed(dimension: 2, start: top - 10, length: 28)
    }
    let here = try window(output(70, 76), 70, 76)
    let spread = try (here.maximum() - here.minimum()).scalar()
    func difference(_ other: Tensor) throws -> Double { try (here - other).abs().maximum().scalar() / spread }
    // Almost all pixels are alike, which norms make large together with their rounding.
    let moved = try difference(window(output(76, 72), 76, 72))
    #expect(moved < 1e-3)
    // By a pixel the lowest resolution cannot follow, and a window that stays shows another image.
    #expect(try difference(window(output(71, 76), 71, 76)) > 10 * moved)
    #expect(try difference(window(output(76, 72), 70, 76)) > 0.1)
  }

  @Test func skipsAreDividedByTheRootOfTwo() throws {
    // One resolution without blocks' own contribution: the way up sees the input convolution twice.
    var configuration = EfficientUNetConfiguration(channels: [4], blocks: [1])
    (configuration.groups, configuration.knowsNoiseLevel, configuration.inChannels) = (1, false, 3)
    let network = try EfficientUNet(configuration)
    let fresh = try ParameterSet(network.parameterShapes, key: Self.key)
    let probe = ParameterSet(
      try zip(fresh.names, fresh.tensors).map { name, tensor in
        switch name {
        // The shortcut sums what came up and what was kept, of one channel.
        case "up.0.blocks.0.conv_shortcut.weight":
          (
            name,
            try Tensor(
              [Float](arrayLiteral: 1, 0, 0, 0, 1, 0, 0, 0) + [Float](repeating: 0, count: 24), shape: [4, 8, 1, 1])
          )
        default: (name, tensor)
        }
      })
    let image = try Tensor.normals(key: Self.key, shape: [1, 3, 4, 4])
    let first = try image.convolved(
      weight: probe.tensor("conv_in.weight"), bias: probe.tensor("conv_in.bias"), padding: 1)
    let channel = try first.narrowed(dimension: 1, start: 0, length: 1) * (1 + 0.5.squareRoot())
    let bias = try probe.tensor("up.0.blocks.0.conv_shortcut.bias").reshaped(to: [1, 4, 1, 1])
    let rest = try channel.padded([0, 0, 0, 0, 0, 3]) + bias
    let shown = try Self.showing(rest, of: network, probe, image)
    #expect(shown < 1e-5)
  }

  /// How far the network's output, its last convolution made the identity of three channels, is from norm and SiLU of `x`.
  private static func showing(
    _ x: Tensor, of network: EfficientUNet, _ parameters: ParameterSet, _ image: Tensor
  ) throws -> Double {
    var weight = [Float](repeating: 0, count: 3 * 4 * 9)
    for channel in 0..<3 { weight[channel * 36 + channel * 9 + 4] = 1 }
    let shown = ParameterSet(
      try zip(parameters.names, parameters.tensors).map { name, tensor in
        name == "conv_out.weight" ? (name, try Tensor(weight, shape: [3, 4, 3, 3])) : (name, tensor)
      })
    let expected = try x.groupNormalized(groups: 1).silu().narrowed(dimension: 1, start: 0, length: 3)
    return try (network(image, timestep: Tensor([Float(3)]), parameters: shown) - expected).abs().maximum().scalar()
  }

  @Test func theEmbeddingOfTimeZeroIsFinite() throws {
    for network in try Self.networks() {
      let output = try network(
        Self.sample(), timestep: Tensor([Float(0), 0, 0]), classLabels: Tensor([Float(0), 0, 0]), text: Self.text(),
        textMask: nil, parameters: Self.weights(network))
      #expect(try output.abs().maximum().scalar().isFinite)
    }
  }

  @Test func diffusersHasNoEfficientUNet() throws {
    let network = try EfficientUNet(.superResolution1024(textWidth: 384))
    let error = #expect(throws: NetworkError.self) { try network.modelFolder(ParameterSet([])) }
    #expect(error?.message.contains("skips are not divided by √2") == true)
  }

  @Test func anInputThatIsMissingIsNamed() throws {
    let network = try UNet(Self.conditional())
    let parameters = try Self.weights(network)
    let error = #expect(throws: NetworkError.self) {
      try network(Self.sample(), timestep: Self.times(), classLabels: Self.levels(), parameters: parameters)
    }
    #expect(error?.message.contains("give the network `text`") == true)
    let fewer = ParameterSet(Array(zip(parameters.names, parameters.tensors).dropLast()))
    let missing = #expect(throws: NetworkError.self) {
      try network(
        Self.sample(), timestep: Self.times(), classLabels: Self.levels(), text: Self.text(), parameters: fewer)
    }
    #expect(missing?.message.contains("conv_out.bias") == true)
  }
}
