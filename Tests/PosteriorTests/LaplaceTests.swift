import Formats
import Foundation
import Networks
import Posterior
import Specification
import Tensors
import Testing

@Suite struct LaplaceTests {
  /// A linear layer `1` of inputs [rows, columns].
  static func linear(
    weight: [Double], outputs: Int, bias: [Double]? = nil, isLastLayerOnly: Bool = false
  ) throws -> LaplaceNetwork {
    var named = [("1.weight", try Tensor(weight, shape: [outputs, weight.count / outputs]))]
    if let bias { named.append(("1.bias", try Tensor(bias))) }
    return LaplaceNetwork(parameters: ParameterSet(named), isLastLayerOnly: isLastLayerOnly) { inputs, parameters in
      let output = try inputs.linear(
        weight: parameters.tensor("1.weight"), bias: parameters.has("1.bias") ? parameters.tensor("1.bias") : nil)
      return RecordedPass(
        outputs: output, layers: [ForwardPass.Layer(name: "1", kind: .linear, input: inputs, output: output)])
    }
  }

  static func numbers(_ tensor: Tensor) throws -> [Double] { try tensor.array(of: Double.self) }

  static func agree(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
  }

  /// For a linear model with Gaussian noise the approximation is exact: y ~ N(0, X Xᵀ / δ + σ² I).
  @Test func linearRegressionIsExact() throws {
    let (prior, noise, rows) = (0.7, 0.4, 6)
    let inputs = try Tensor.normals(key: RandomKey(seed: 1), shape: [rows, 2], type: .float64)
    let targets = try Tensor.normals(key: RandomKey(seed: 2), shape: [rows, 1], type: .float64)
    let identity = { (n: Int) in try Tensor((0..<n * n).map { $0 % (n + 1) == 0 ? 1.0 : 0 }, shape: [n, n]) }
    let covariance = try (inputs.transposed().matmul(inputs) / (noise * noise) + identity(2) * prior).inverse()
    let mode = try covariance.matmul(inputs.transposed().matmul(targets)) / (noise * noise)
    let network = try Self.linear(weight: Self.numbers(mode.reshaped(to: [2])), outputs: 1)
    var fit = LaplaceFit(network, structure: .full, likelihood: .gaussian)
    for start in [0, 4] {
      let length = start == 0 ? 4 : 2
      try fit.add(
        inputs: inputs.narrowed(start: start, length: length), targets: targets.narrowed(start: start, length: length))
    }
    let posterior = try fit.posterior(priorPrecision: prior, noiseDeviation: noise)

    let tests = try Tensor([1.0, 0, 0, 1, 1, 1], shape: [3, 2])
    let functions = try posterior.functions(network, tests)
    #expect(Self.agree(try Self.numbers(functions.means), try Self.numbers(tests.matmul(mode)), 1e-12))
    let variances = try tests.matmul(covariance).matmul(tests.transposed()).diagonal()
    #expect(Self.agree(try Self.numbers(functions.covariances), try Self.numbers(variances), 1e-12))

    let marginal = try inputs.matmul(inputs.transposed()) / prior + identity(rows) * (noise * noise)
    let factor = try marginal.cholesky()
    let whitened = try factor.inverse().matmul(targets).squared().sum().scalar()
    let evidence =
      try -whitened / 2 - factor.diagonal().log().sum().scalar() - Double(rows) / 2 * log(2 * Double.pi)
    #expect(abs(posterior.logMarginalLikelihood - evidence) < 1e-10)
  }

  /// The evidence is stationary in every logarithm at what `maximizingEvidence` finds, and less elsewhere.
  @Test(arguments: CurvatureStructure.allCases)
  func learnedPriorIsTheMostProbable(structure: CurvatureStructure) throws {
    let inputs = try Tensor.normals(key: RandomKey(seed: 3), shape: [30, 3], type: .float64)
    let noise = try Tensor.normals(key: RandomKey(seed: 4), shape: [30, 1], type: .float64) * 0.3
    let network = try Self.linear(weight: [0.5, -1, 0.2], outputs: 1, bias: [0.1])
    let targets = try network.outputs(inputs, parameters: network.parameters) + noise
    var fit = LaplaceFit(network, structure: structure, likelihood: .gaussian)
    try fit.add(inputs: inputs, targets: targets)
    for isPerLayer in [false, true] {
      let best = try fit.posterior(priorPrecision: 100, noiseDeviation: 3)
        .maximizingEvidence(isPerLayer: isPerLayer, learnsNoise: true, tolerance: 1e-9)
      for (prior, noise) in [(1.02, 1), (1 / 1.02, 1), (1, 1.02), (1, 1 / 1.02)] {
        let other = try best.with(
          priorPrecisions: [best.priorPrecisions[0] * prior], noiseDeviation: best.noiseDeviation * noise)
        #expect(other.logMarginalLikelihood < best.logMarginalLikelihood)
        #expect(other.logMarginalLikelihood > best.logMarginalLikelihood - 0.1)
      }
    }
  }

  /// What is drawn has the covariance that is told: exact for a network that is linear.
  @Test(arguments: CurvatureStructure.allCases)
  func drawsHaveTheCovarianceThatIsTold(structure: CurvatureStructure) throws {
    let inputs = try Tensor.normals(key: RandomKey(seed: 5), shape: [12, 2], type: .float64)
    let network = try Self.linear(weight: [1, -0.5, 0.3, 0.8], outputs: 2, bias: [0.2, -0.1])
    var fit = LaplaceFit(network, structure: structure, likelihood: .categorical)
    try fit.add(inputs: inputs, targets: Tensor((0..<12).map { Int64($0 % 2) }))
    let posterior = try fit.posterior(priorPrecision: 0.3)
    let test = try Tensor([0.7, -1.2], shape: [1, 2])
    let functions = try posterior.functions(network, test)
    let expected = try Self.numbers(functions.covariances)
    let weights = try (0..<4000).map { draw in
      let parameters = try posterior.draw(network, key: RandomKey(seed: 6).folding(in: UInt64(draw)))
      return try Self.numbers(network.outputs(test, parameters: parameters))
    }
    let outputs = try Self.numbers(functions.draws(count: 4000, key: RandomKey(seed: 7)))
    for draws in [weights, (0..<4000).map { Array(outputs[(2 * $0)..<(2 * $0 + 2)]) }] {
      let means = (0..<2).map { c in draws.reduce(0) { $0 + $1[c] } / 4000 }
      for (a, b) in [(0, 0), (0, 1), (1, 1)] {
        let covariance = draws.reduce(0) { $0 + ($1[a] - means[a]) * ($1[b] - means[b]) } / 4000
        let scale = (expected[0] * expected[3]).squareRoot()
        #expect(abs(covariance - expected[2 * a + b]) < 0.12 * scale, "\(structure) \(a) \(b)")
      }
    }
  }

  @Test(arguments: CurvatureStructure.allCases)
  func storedPosteriorsSayTheSame(structure: CurvatureStructure) throws {
    let network = try Self.linear(weight: [1, -0.5, 0.3, 0.8], outputs: 2, bias: [0.2, -0.1])
    let inputs = try Tensor.normals(key: RandomKey(seed: 8), shape: [5, 2], type: .float64)
    var fit = LaplaceFit(network, structure: structure, likelihood: .categorical)
    try fit.add(inputs: inputs, targets: Tensor([0, 1, 1, 0, 1] as [Int64]))
    let posterior = try fit.posterior().maximizingEvidence()
    let bytes = try posterior.safetensors().encoded()
    let read = try LaplacePosterior(Safetensors(bytes: bytes))
    #expect(read.logMarginalLikelihood == posterior.logMarginalLikelihood)
    #expect(
      try Self.numbers(read.functions(network, inputs).covariances)
        == Self.numbers(posterior.functions(network, inputs).covariances))
    #expect(try read.safetensors().encoded() == bytes)

    var broken = try Safetensors(bytes: bytes)
    broken["curvature.0"] = try Safetensors.Tensor([1.0, 2])
    #expect(throws: PosteriorError.self) { try LaplacePosterior(broken) }
    #expect(throws: PosteriorError.self) { try LaplacePosterior(Safetensors()) }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let network = try Self.linear(weight: [1, -0.5, 0.3, 0.8], outputs: 2)
    let inputs = try Tensor([1.0, 2], shape: [1, 2])
    var fit = LaplaceFit(network, structure: .full, likelihood: .categorical)
    #expect(throws: PosteriorError.self) { try fit.posterior() }
    #expect(throws: PosteriorError.self) { try fit.add(inputs: inputs, targets: Tensor([2] as [Int64])) }
    #expect(throws: PosteriorError.self) { try fit.add(inputs: inputs, targets: Tensor([0, 1] as [Int64])) }
    try fit.add(inputs: inputs, targets: Tensor([1] as [Int64]))
    #expect(throws: PosteriorError.self) { try fit.posterior(priorPrecision: 0) }
    let posterior = try fit.posterior()
    #expect(throws: PosteriorError.self) { try posterior.maximizingEvidence(learnsNoise: true) }
    let other = try Self.linear(weight: [1, -0.5, 0.3, 0.8], outputs: 2, bias: [0, 0])
    #expect(throws: PosteriorError.self) { try posterior.functions(other, inputs) }
    let large = try Self.linear(weight: [Double](repeating: 0, count: 8193), outputs: 1)
    var full = LaplaceFit(large, structure: .full, likelihood: .gaussian)
    #expect(throws: PosteriorError.self) {
      try full.add(
        inputs: Tensor.full(1, shape: [1, 8193], type: .float64), targets: Tensor([0.0], shape: [1, 1]))
    }
  }

  /// Under a very narrow prior the covariance of the outputs is J Jᵀ / δ; J Jᵀ comes from the parameters' own gradients, too.
  @Test func residualNetworksAreDifferentiatedThroughEveryLayer() throws {
    let configuration = ClassifierConfiguration(.resnet20, width: 0.25)
    let network = try FeedForwardNetwork(configuration, inputShape: [3, 8, 8], outputs: 3)
    let parameters = try ParameterSet(network.parameterShapes, key: RandomKey(seed: 9))
    let statistics = try ParameterSet(network.statisticShapes, key: RandomKey(seed: 10))
    let laplace = LaplaceNetwork(network, parameters: parameters, statistics: statistics)
    let inputs = try Tensor.normals(key: RandomKey(seed: 11), shape: [2, 3, 8, 8])
    let prior = 1e12
    for structure in [CurvatureStructure.diagonal, .kronecker] {
      var fit = LaplaceFit(laplace, structure: structure, likelihood: .categorical)
      try fit.add(inputs: inputs, targets: Tensor([0, 2] as [Int64]))
      let functions = try fit.posterior(priorPrecision: prior).functions(laplace, inputs)
      let covariances = try Self.numbers(functions.covariances * prior)
      for row in 0..<2 {
        let tracked = try parameters.tracked()
        let pass = ForwardPass(normalization: .stored(statistics))
        let outputs = try network(inputs.narrowed(start: row, length: 1), parameters: tracked, pass: pass)
        let names = tracked.names.indices.filter {
          tracked.tensors[$0].shape.count > 1 || tracked.names[$0] == "fc.bias"
        }
        let value = try outputs.narrowed(dimension: 1, start: 1, length: 1).sum()
        let gradients = try gradient(of: value, withRespectTo: names.map { tracked.tensors[$0] })
        let square = try gradients.reduce(0) { try $0 + $1.converted(to: .float64).squared().sum().scalar() }
        #expect(abs(covariances[row * 9 + 4] / square - 1) < 1e-3, "\(structure)")
      }
    }
  }
}
