import Foundation
import Networks
import Specification
import Tensors
import Testing
import Training

/// Networks that share their weights but for factors of rank one, against the pass of the paper: inputs times r, outputs times s.
@Suite struct RankOneTests {
  private static let members = 3
  private static let key = RandomKey(seed: 21)

  private static func member(_ configuration: ClassifierConfiguration) throws -> MemberNetwork {
    let network = try FeedForwardNetwork(configuration, inputShape: [1, 28, 28], outputs: 4)
    return try MemberNetwork(network, .categorical(classes: 4, smoothing: 0), sharing: members)
  }

  private static func inputs() throws -> Tensor { try Tensor.normals(key: key.purpose("x"), shape: [5, 1, 28, 28]) }

  /// The row of a member, as a shape that multiplies channels.
  private static func row(_ parameters: ParameterSet, _ name: String, _ member: Int, isImage: Bool) throws -> Tensor {
    let row = try parameters.tensor(name).narrowed(start: member, length: 1)
    return try isImage ? row.reshaped(to: [1, -1, 1, 1]) : row
  }

  /// LeNet-5 of Wen, Tran & Ba 2020, equation 5: each layer is ((x ∘ r) W) ∘ s + b.
  private static func outputs(_ x: Tensor, _ parameters: ParameterSet, member: Int) throws -> Tensor {
    var x = x
    for name in ["conv1", "conv2", "fc1", "fc2", "fc3"] {
      let isImage = name.hasPrefix("conv")
      if name == "fc1" { x = try x.reshaped(to: [x.shape[0], -1]) }
      let weight = try parameters.tensor("\(name).weight")
      let seen = try x * row(parameters, "\(name).weight.inputs", member, isImage: isImage)
      let shared =
        try isImage ? seen.convolved(weight: weight, padding: name == "conv1" ? 2 : 0) : seen.linear(weight: weight)
      x =
        try shared * row(parameters, "\(name).weight.outputs", member, isImage: isImage)
        + row(parameters, "\(name).bias", member, isImage: isImage)
      if name != "fc3" { x = try x.relu() }
      if isImage { x = try x.maximumPooled(size: 2) }
    }
    return x
  }

  /// Parameters with factors of any size.
  private static func parameters(_ member: MemberNetwork) throws -> ParameterSet {
    let begun = try ParameterSet(member.parameterShapes, key: key)
    return ParameterSet(
      try zip(begun.names, begun.tensors).map { name, tensor in
        guard name.hasSuffix("puts") else { return (name, tensor) }
        return (name, try tensor * (Tensor.normals(key: key.purpose(name), shape: tensor.shape) * 0.3 + 1))
      })
  }

  @Test func everyMemberIsTheNetworkOfItsWeights() throws {
    let member = try Self.member(ClassifierConfiguration(.lenet5))
    let (parameters, x) = (try Self.parameters(member), try Self.inputs())
    let networks = try member.networks(parameters)
    #expect(networks.count == Self.members)
    var found: [[Float]] = []
    for (number, weights) in networks.enumerated() {
      let ours = try member(x, parameters: weights, pass: ForwardPass(normalization: .batch))
      let paper = try Self.outputs(x, parameters, member: number)
      #expect(try (ours - paper).abs().maximum().scalar() < 1e-5)
      // W_k = W ∘ (s_k r_kᵀ), written out.
      let (shared, own) = (try parameters.tensor("fc2.weight"), try weights.tensor("fc2.weight"))
      let factors = try ["outputs", "inputs"].map {
        try parameters.tensor("fc2.weight.\($0)").narrowed(start: number, length: 1)
      }
      let expected = try shared * factors[0].transposed().matmul(factors[1])
      #expect(try (own - expected).abs().maximum().scalar() < 1e-7)
      found.append(try ours.array(of: Float.self))
    }
    #expect(Set(found).count == Self.members)
  }

  /// A step follows the gradient of the mean loss of all members; a prior is about weights and not about factors.
  @Test func aStepIsThatOfTheMeanLoss() throws {
    let member = try Self.member(ClassifierConfiguration(.lenet5))
    let (rate, prior, examples) = (0.1, 2.0, 10)
    let optimizer = OptimizerConfiguration(
      method: .sgd(momentum: 0, nesterov: false, decay: 0), rate: rate, schedule: .constant, gradientNorm: nil)
    let training = try MemberTraining(
      member, TrainingConfiguration(optimizer: optimizer, priorPrecision: prior), examples: examples, steps: 1,
      key: Self.key)
    let (x, labels) = (try Self.inputs(), try Tensor([0, 3, 1, 2, 3] as [Int64]))
    let before = ParameterSet(
      try zip(training.parameters.names, training.parameters.tensors).map { ($0, try $1 + 0.0) })
    let tracked = try before.tracked()
    let losses = try (0..<Self.members).map {
      try Self.outputs(x, tracked, member: $0).crossEntropies(labels: labels).mean()
    }
    let loss = try Tensor.stacked(losses).mean()
    let gradients = try gradient(of: loss, withRespectTo: tracked.tensors)
    let info = try training.advance(x, labels)
    #expect(abs(info.loss - (try loss.detached().scalar())) < 1e-5)
    for (number, (name, tensor)) in zip(before.names, before.tensors).enumerated() {
      let pull = try tensor * (name.hasSuffix("puts") ? 0 : prior / Double(examples))
      let expected = try tensor - (gradients[number] + pull) * rate
      #expect(try (training.parameters.tensors[number] - expected).abs().maximum().scalar() < 1e-5, "\(name)")
    }
  }

  @Test func factorsBeginAsSignsAndStatisticsAreEachMembersOwn() throws {
    let member = try Self.member(ClassifierConfiguration(.lenet5, normalization: .batch))
    let parameters = try ParameterSet(member.parameterShapes, key: Self.key)
    let signs = try parameters.tensor("fc1.weight.inputs").array(of: Float.self)
    #expect(Set(signs) == [-1, 1] && abs(signs.reduce(0, +)) < 0.2 * Float(signs.count))
    let statistics = try ParameterSet(member.statisticShapes, key: Self.key)
    let own = try member.networks(statistics: statistics)[1]
    try blend(own.tensors, towards: own.tensors.map { try $0 * 0 + 7 }, by: 1)
    let values = try statistics.tensor("bn1.running_mean").array(of: Float.self)
    #expect(values == (0..<18).map { $0 / 6 == 1 ? 7 : 0 })
  }

  /// −log N(y; f, σ²) with one σ² for all inputs, which no prior pulls at.
  @Test func commonNoiseIsLearntBesideTheNetwork() throws {
    let linear = ClassifierConfiguration(.mlp(hidden: [], activation: .relu))
    let network = try FeedForwardNetwork(linear, inputShape: [2], outputs: Likelihood.homoscedastic.outputs)
    let member = try MemberNetwork(network, .homoscedastic)
    #expect(member.parameterShapes.map(\.name) == ["fc1.weight", "fc1.bias", "noise"])
    #expect(member.weightShapes.map(\.name) == ["fc1.weight", "fc1.bias"])
    let parameters = ParameterSet([
      ("fc1.weight", try Tensor([1, -2] as [Float], shape: [1, 2])), ("fc1.bias", try Tensor([0.5] as [Float])),
      ("noise", try Tensor([0.3] as [Float])),
    ])
    let x = try Tensor([1, 1, 0, 2] as [Float], shape: [2, 2])
    let told = try member(x, parameters: parameters, pass: ForwardPass(normalization: .batch))
    let variance = 1e-6 + log1p(exp(0.3))
    let losses = try member.likelihood.losses(told, Tensor([1, -3] as [Float]), progress: 1).array(of: Float.self)
    for (loss, error) in zip(losses, [1.5, 0.5]) {
      #expect(abs(Double(loss) - 0.5 * (error * error / variance + log(2 * Double.pi * variance))) < 1e-5)
    }
    let predicted = try member.likelihood.predictions(told).array(of: Float.self)
    #expect(zip(predicted, [-0.5, variance, -3.5, variance]).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }
}
