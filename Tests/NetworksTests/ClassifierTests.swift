import Foundation
import Networks
import Specification
import Tensors
import Testing

/// Classifiers against PyTorch's modules (Goldens/classifiers.py), and what must hold of any.
@Suite struct ClassifierTests {
  /// What PyTorch says of one network.
  struct Golden: Decodable {
    let name: String
    let shape: [Int]
    let outputs: Int
    let loss: Double
    let sizes: [String: [Int]]
    let training: [Double]
    let evaluation: [Double]
    /// Of every gradient its norm and its product with fixed numbers.
    let gradients: [String: [Double]]
    let statistics: [String: [Double]]

    var configuration: ClassifierConfiguration {
      let normalization = ClassifierConfiguration.Normalization(
        rawValue: name.split(separator: "-").dropFirst().first.map(String.init) ?? "")
      switch name.split(separator: "-")[0] {
      case "lenet5": return ClassifierConfiguration(.lenet5, normalization: normalization)
      case "vgg16": return ClassifierConfiguration(.vgg16, width: 0.125)
      case "resnet18": return ClassifierConfiguration(.resnet18, width: 0.125)
      case "resnet20": return ClassifierConfiguration(.resnet20, normalization: normalization, width: 0.5)
      case "resnet32": return ClassifierConfiguration(.resnet32, width: 0.25)
      case "resnet56": return ClassifierConfiguration(.resnet56, width: 0.25)
      default:
        return ClassifierConfiguration(
          .mlp(hidden: [20, 10], activation: normalization == nil ? .tanh : .relu), normalization: normalization)
      }
    }

    func network() throws -> FeedForwardNetwork {
      try FeedForwardNetwork(configuration, inputShape: shape, outputs: outputs)
    }
  }

  static func goldens() throws -> [Golden] {
    let folder = try #require(Bundle.module.url(forResource: "Goldens", withExtension: nil))
    let data = try Data(contentsOf: folder.appending(path: "classifiers.json"))
    return try JSONDecoder().decode([Golden].self, from: data)
  }

  /// Numbers in −1 ..< 1 from a name and their places, as in classifiers.py.
  static func numbers(_ name: String, _ shape: [Int]) throws -> Tensor {
    let start = UInt32(truncatingIfNeeded: name.utf8.reduce(0) { $0 + Int($1) } * 1_000_003)
    let values = (0..<shape.reduce(1, *)).map { place in
      var x = UInt32(place) &+ start
      x = (x ^ (x >> 16)) &* 0x7FEB_352D
      x = (x ^ (x >> 15)) &* 0x846C_A68B
      return Double(x ^ (x >> 16)) * 0x1p-31 - 1
    }
    return try Tensor(values, shape: shape)
  }

  static func parameters(_ network: FeedForwardNetwork, _ type: DataType) throws -> ParameterSet {
    ParameterSet(
      try network.parameterShapes.map { shape in
        let values = try numbers(shape.name, shape.shape)
        let scaled =
          if shape.shape.count > 1 {
            try values * (6 / Double(shape.shape.dropFirst().reduce(1, *))).squareRoot()
          } else if shape.name.hasSuffix("weight") { try values * 0.2 + 1 } else { try values * 0.2 }
        return (shape.name, try scaled.converted(to: type))
      })
  }

  static func statistics(_ network: FeedForwardNetwork, _ type: DataType) throws -> ParameterSet {
    ParameterSet(
      try network.statisticShapes.map { shape in
        let values = try numbers(shape.name, shape.shape)
        let placed = try shape.initial == .zeros ? values * 0.1 : values * 0.4 + 1
        return (shape.name, try placed.converted(to: type))
      })
  }

  static func labels(_ outputs: Int) throws -> Tensor { try Tensor((0..<4).map { Int64(($0 * 7 + 3) % outputs) }) }

  /// In double precision to the last places, in single precision, where faster ways are taken, to what rounding leaves.
  @Test(arguments: [DataType.float64, .float32])
  func itAgreesWithPyTorch(type: DataType) throws {
    let tolerance = type == .float64 ? 1e-9 : 2e-2
    func close(_ a: Double, _ b: Double, _ scale: Double) -> Bool { abs(a - b) <= tolerance * (1e-3 + scale) }
    for golden in try Self.goldens() {
      let network = try golden.network()
      #expect(
        Dictionary(uniqueKeysWithValues: network.parameterShapes.map { ($0.name, $0.shape) }) == golden.sizes,
        "\(golden.name)")
      let parameters = try Self.parameters(network, type).channelsLast().tracked()
      let running = try Self.statistics(network, type)
      let x = try Self.numbers("inputs", [4] + golden.shape).converted(to: type)
      let pass = ForwardPass(normalization: .batch)
      let logits = try network(x, parameters: parameters, pass: pass)
      let loss = try logits.crossEntropies(labels: Self.labels(golden.outputs), smoothing: 0.1).mean()
      #expect(try close(loss.scalar(), golden.loss, golden.loss), "\(golden.name)")
      let gradients = try gradient(of: loss, withRespectTo: parameters.tensors)
      try pass.update(running)
      let evaluated = try network(x, parameters: parameters, pass: ForwardPass(normalization: .stored(running)))
      for (ours, theirs) in [(logits, golden.training), (evaluated, golden.evaluation)] {
        let scale = theirs.map(abs).max() ?? 0
        for (a, b) in zip(try ours.converted(to: .float64).array(of: Double.self), theirs) {
          #expect(close(a, b, scale), "\(golden.name)")
        }
      }
      for (names, tensors, traces) in [
        (parameters.names, gradients, golden.gradients), (running.names, running.tensors, golden.statistics),
      ] {
        #expect(Set(names) == Set(traces.keys))
        for (name, tensor) in zip(names, tensors) {
          let (trace, values) = (try #require(traces[name]), try tensor.converted(to: .float64))
          let projection = try (values * Self.numbers(name + "*", values.shape)).sum().scalar()
          #expect(try close(values.squared().sum().scalar().squareRoot(), trace[0], trace[0]), "\(golden.name) \(name)")
          #expect(close(projection, trace[1], trace[0]), "\(golden.name) \(name)")
        }
      }
    }
  }

  @Test func networksHaveTheirUsualSizes() throws {
    let sizes: [(ClassifierConfiguration.Architecture, [Int], Int)] = [
      (.lenet5, [1, 28, 28], 61_706), (.lenet5, [3, 32, 32], 62_006), (.vgg16, [3, 32, 32], 14_728_266),
      (.resnet18, [3, 32, 32], 11_173_962), (.resnet20, [3, 32, 32], 272_474), (.resnet32, [3, 32, 32], 466_906),
      (.resnet56, [3, 32, 32], 855_770), (.mlp(hidden: [], activation: .relu), [5], 60),
    ]
    for (architecture, shape, count) in sizes {
      let network = try FeedForwardNetwork(ClassifierConfiguration(architecture), inputShape: shape, outputs: 10)
      #expect(network.parameterShapes.reduce(0) { $0 + $1.shape.reduce(1, *) } == count)
      #expect(network.blocks.last?.parameterShapes.map(\.shape.count) == [2, 1])
    }
  }

  /// A trunk, computed once, and a head behind it are the whole network; what is recorded is what the layers did.
  @Test func partsAndRecordsAreThoseOfTheWhole() throws {
    let configuration = ClassifierConfiguration(.resnet20, width: 0.25)
    let network = try FeedForwardNetwork(configuration, inputShape: [3, 8, 8], outputs: 5)
    let parameters = try Self.parameters(network, .float32).tracked()
    let x = try Self.numbers("inputs", [2, 3, 8, 8]).converted(to: .float32)
    let pass = ForwardPass(normalization: .batch, records: true)
    let whole = try network(x, parameters: parameters, pass: pass)
    let plain = ForwardPass(normalization: .batch)
    let trunk = try network(x, parameters: parameters, pass: plain, blocks: network.features)
    #expect(trunk.shape == [2, 16])
    let head = try network(
      trunk, parameters: parameters, pass: plain, blocks: network.features.upperBound..<network.blocks.count)
    #expect(try (whole - head).abs().maximum().scalar() < 1e-5)
    #expect(pass.layers.count == 22 && plain.layers.isEmpty)
    #expect(pass.statistics.names == network.statisticShapes.map(\.name))

    // The gradient of a weight is the product of what went in and the gradient of what came out.
    let weights = try pass.layers.map { try parameters.tensor("\($0.name).weight") }
    let loss = try whole.crossEntropies(labels: Tensor([Int64(1), 4])).mean()
    let gradients = try gradient(of: loss, withRespectTo: weights + pass.layers.map(\.output))
    for (index, layer) in pass.layers.enumerated() {
      let (ours, pulled) = (gradients[index], gradients[weights.count + index])
      guard layer.kind == .linear || layer.kind == .convolution(kernel: 1, stride: 2, padding: 0) else { continue }
      var input = try layer.input.detached()
      if layer.input.shape.count == 4 {
        // Every second pixel, by the largest of a square of one.
        input = try input.maximumPooled(size: 1, stride: 2).permuted([0, 2, 3, 1]).reshaped(to: [-1, input.shape[1]])
      }
      let rows =
        try pulled.shape.count == 4 ? pulled.permuted([0, 2, 3, 1]).reshaped(to: [-1, pulled.shape[1]]) : pulled
      let product = try rows.transposed().matmul(input).reshaped(to: ours.shape)
      #expect(try (product - ours).abs().maximum().scalar() < 1e-5)
    }
    // One value a channel has no variance.
    #expect(throws: TensorError.self) {
      try network(Tensor.full(0, shape: [1, 3, 1, 1]), parameters: parameters, pass: plain)
    }
  }

  @Test func whatIsDroppedFollowsFromTheKey() throws {
    let configuration = ClassifierConfiguration(.lenet5, dropout: 0.5)
    let network = try FeedForwardNetwork(configuration, inputShape: [1, 28, 28], outputs: 10)
    let parameters = try Self.parameters(network, .float32)
    let x = try Self.numbers("inputs", [4, 1, 28, 28]).converted(to: .float32)
    func output(_ seed: UInt64?) throws -> [Float] {
      let pass = ForwardPass(normalization: .batch, dropout: seed.map(RandomKey.init(seed:)))
      return try network(x, parameters: parameters, pass: pass).array(of: Float.self)
    }
    #expect(try output(1) == output(1))
    #expect(try output(1) != output(2) && output(1) != output(nil))
  }

  @Test func networksRefuseWhatDoesNotFit() {
    let bad: [(ClassifierConfiguration, [Int], String)] = [
      (ClassifierConfiguration(.vgg16), [1, 28, 28], "too small"), (ClassifierConfiguration(.lenet5), [8], "to an mlp"),
      (ClassifierConfiguration(.lenet5), [1, 0, 28], "must be positive"),
      (ClassifierConfiguration(.mlp(hidden: [4], activation: .relu), normalization: .filterResponse), [8], "pixels"),
    ]
    for (configuration, shape, words) in bad {
      let error = #expect(throws: NetworkError.self) {
        try FeedForwardNetwork(configuration, inputShape: shape, outputs: 10)
      }
      #expect(error?.message.contains(words) == true)
    }
  }
}
