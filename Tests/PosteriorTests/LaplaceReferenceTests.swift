import Foundation
import Networks
import Posterior
import Tensors
import Testing

/// Networks, data and what laplace-torch finds, made by `Goldens/laplace-torch.py`.
private struct LaplaceGolden: Decodable {
  struct Parameter: Decodable {
    let name: String
    let shape: [Int]
    let values: [Double]
  }

  struct Case: Decodable {
    let subset: String
    let structure: String
    let likelihood: String
    let priorPrecisions: [Double]
    let noise: Double
    let logDeterminant: Double
    let logMarginalLikelihood: Double
    let means: [Double]
    let covariances: [Double]
    let probabilities: [Double]?
  }

  let inputs: [Double]
  let inputShape: [Int]
  let targets: [Double]
  let tests: [Double]
  let testShape: [Int]
  let parameters: [Parameter]
  let cases: [Case]

  /// The network with tanh between its layers: convolutions of weights [out, in, 3, 3], then linear layers.
  func network(isLastLayerOnly: Bool) throws -> LaplaceNetwork {
    let named = try parameters.map { ($0.name, try Tensor($0.values, shape: $0.shape)) }
    let count = parameters.count / 2
    return LaplaceNetwork(parameters: ParameterSet(named), isLastLayerOnly: isLastLayerOnly) { inputs, parameters in
      var layers: [ForwardPass.Layer] = []
      var x = inputs
      for name in (1...count).map(String.init) {
        let (weight, bias) = (try parameters.tensor("\(name).weight"), try parameters.tensor("\(name).bias"))
        if weight.shape.count == 4 {
          let (stride, padding) = name == "1" ? (1, 1) : (2, 0)
          let output = try x.convolved(weight: weight, bias: bias, stride: stride, padding: padding)
          let kind = ForwardPass.Layer.Kind.convolution(kernel: 3, stride: stride, padding: padding)
          layers.append(ForwardPass.Layer(name: name, kind: kind, input: x, output: output))
        } else {
          x = try x.reshaped(to: [x.shape[0], -1])
          let output = try x.linear(weight: weight, bias: bias)
          layers.append(ForwardPass.Layer(name: name, kind: .linear, input: x, output: output))
        }
        x = name == String(count) ? layers[layers.count - 1].output : try layers[layers.count - 1].output.tanh()
      }
      return RecordedPass(outputs: x, layers: layers)
    }
  }

  func posterior(of golden: Case, _ network: LaplaceNetwork) throws -> LaplacePosterior {
    let structure: CurvatureStructure =
      ["diag": .diagonal, "full": .full, "kron": .kronecker][golden.structure] ?? .full
    let isClassifier = golden.likelihood == "classification"
    var fit = LaplaceFit(network, structure: structure, likelihood: isClassifier ? .categorical : .gaussian)
    let inputs = try Tensor(inputs, shape: inputShape)
    let targets =
      isClassifier
      ? try Tensor(targets.map { Int64($0) }) : try Tensor(targets, shape: [inputShape[0], 1])
    // Other batches than the reference's: sums do not depend on them.
    for start in stride(from: 0, to: inputShape[0], by: 6) {
      let length = min(6, inputShape[0] - start)
      try fit.add(
        inputs: inputs.narrowed(start: start, length: length), targets: targets.narrowed(start: start, length: length))
    }
    return try fit.posterior(noiseDeviation: golden.noise).with(priorPrecisions: golden.priorPrecisions)
  }
}

@Suite struct LaplaceReferenceTests {
  @Test(arguments: ["classifier", "regression", "convolutional"])
  func agreeWithLaplaceTorch(name: String) throws {
    let url = try #require(Bundle.module.url(forResource: "Goldens/laplace-torch", withExtension: "json"))
    let goldens = try JSONDecoder().decode([String: LaplaceGolden].self, from: Data(contentsOf: url))
    let golden = try #require(goldens[name])
    #expect(golden.cases.count == 6)
    for one in golden.cases {
      let network = try golden.network(isLastLayerOnly: one.subset == "last_layer")
      let posterior = try golden.posterior(of: one, network)
      let about = Comment(rawValue: "\(name) \(one.subset) \(one.structure)")
      #expect(abs(posterior.logDeterminant - one.logDeterminant) < 1e-7, about)
      #expect(abs(posterior.logMarginalLikelihood - one.logMarginalLikelihood) < 1e-7, about)
      let functions = try posterior.functions(network, Tensor(golden.tests, shape: golden.testShape))
      #expect(LaplaceTests.agree(try LaplaceTests.numbers(functions.means), one.means, 1e-8), about)
      #expect(LaplaceTests.agree(try LaplaceTests.numbers(functions.covariances), one.covariances, 1e-7), about)
      guard let probabilities = one.probabilities else { continue }
      #expect(LaplaceTests.agree(try LaplaceTests.numbers(functions.probitProbabilities()), probabilities, 1e-8), about)
    }
  }

  private struct Wells: Decodable {
    let X: [[Double]]
    let y: [Double]
  }

  private struct WellsSummary: Decodable {
    let map: [Double]
    let laplace_covariance: [[Double]]
  }

  private static let wells = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"].map {
    URL(filePath: $0).appending(path: "logistic_reference/wells")
  }

  /// Two classes of logits 0 and x · β, whose curvature is that of logistic regression.
  @Test(.enabled(if: wells != nil, "set TRIBUTARY_DATA to the folder of data sets"))
  func logisticRegressionAgreesWithTheReference() throws {
    let folder = try #require(Self.wells)
    let data = try JSONDecoder().decode(Wells.self, from: Data(contentsOf: folder.appending(path: "data.json")))
    let reference = try JSONDecoder().decode(
      WellsSummary.self, from: Data(contentsOf: folder.appending(path: "summary.json")))
    let inputs = try Tensor(data.X.flatMap { $0 }, shape: [data.X.count, 4])
    let targets = try Tensor(data.y, shape: [data.y.count, 1])
    let prior = 1 / (2.5 * 2.5)
    let priors = try Tensor((0..<16).map { $0 % 5 == 0 ? prior : 0 }, shape: [4, 4])
    // Newton's method for the mode.
    var mode = try Tensor.full(0, shape: [4, 1], type: .float64)
    for _ in 0..<10 {
      let p = try inputs.matmul(mode).sigmoid()
      let hessian = try inputs.transposed().matmul(inputs * (p - p * p)) + priors
      let slope = try inputs.transposed().matmul(targets - p) - mode * prior
      mode = try mode + hessian.inverse().matmul(slope)
    }
    let weights = try LaplaceTests.numbers(mode.reshaped(to: [4]))
    #expect(LaplaceTests.agree(weights, reference.map, 1e-8))

    let parameters = ParameterSet([("1.weight", try Tensor(weights, shape: [1, 4]))])
    let network = LaplaceNetwork(parameters: parameters) { inputs, parameters in
      let logit = try inputs.linear(weight: parameters.tensor("1.weight"))
      let layer = ForwardPass.Layer(name: "1", kind: .linear, input: inputs, output: logit)
      return RecordedPass(outputs: try Tensor.concatenated([logit * 0, logit], along: 1), layers: [layer])
    }
    var fit = LaplaceFit(network, structure: .full, likelihood: .categorical)
    for start in stride(from: 0, to: data.y.count, by: 1000) {
      let length = min(1000, data.y.count - start)
      try fit.add(
        inputs: inputs.narrowed(start: start, length: length),
        targets: targets.narrowed(start: start, length: length).reshaped(to: [-1]).converted(to: .int64))
    }
    let posterior = try fit.posterior(priorPrecision: prior)
    // The variance of x · β at x = e_i + e_j has the covariance in it.
    let variance = { (x: [Double]) in
      try LaplaceTests.numbers(posterior.functions(network, Tensor(x, shape: [1, 4])).covariances)[3]
    }
    let units = (0..<4).map { i in (0..<4).map { $0 == i ? 1.0 : 0 } }
    for i in 0..<4 {
      for j in 0..<4 {
        let both = try variance(zip(units[i], units[j]).map { $0 + $1 })
        let covariance = try (both - variance(units[i]) - variance(units[j])) / 2
        #expect(abs(covariance - reference.laplace_covariance[i][j]) < 1e-9)
      }
    }
  }
}
