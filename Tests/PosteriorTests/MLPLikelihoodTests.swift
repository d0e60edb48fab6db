import CKernels
import Foundation
import Networks
import Posterior
import Specification
import Tensors
import Testing

/// The kernels of perceptrons against automatic differentiation, and against themselves on other processors.
@Suite struct MLPLikelihoodTests {
  /// A network of a random shape with rows of data.
  struct Case {
    let network: MLP
    let family: MLPLikelihood.Family
    let inputs: [Double]
    let targets: [Double]
    let parameters: [Double]
    let noise = 0.7

    init(_ number: UInt64, _ activation: Activation, _ family: MLPLikelihood.Family, rows: Int? = nil) {
      let key = RandomKey(seed: 3).folding(in: number)
      let draws = key.purpose("shape").uniforms(count: 8)
      let widths = (0..<Int(4 * draws[0])).map { 1 + Int(70 * draws[1 + $0]) }
      let outputs = [.normal, .bernoulli].contains(family) ? 1 : family == .normalPerRow ? 2 : 2 + Int(9 * draws[5])
      network = MLP(inputs: 1 + Int(12 * draws[6]), hidden: widths, outputs: outputs, activation: activation)
      let rows = rows ?? 1 + Int(700 * draws[7])
      inputs = key.purpose("inputs").normals(count: rows * network.widths[0])
      targets =
        switch family {
        case .normal, .normalPerRow: key.purpose("targets").normals(count: rows)
        case .bernoulli: key.purpose("targets").uniforms(count: rows).map { $0.rounded() }
        case .categorical: key.purpose("targets").uniforms(count: rows).map { ($0 * Double(outputs)).rounded(.down) }
        }
      parameters = network.initialParameters(key: key.purpose("parameters"))
      self.family = family
    }

    func likelihood() throws -> MLPLikelihood {
      try MLPLikelihood(network, family, inputs: inputs, targets: targets)
    }

    /// The value and its gradient.
    func byHand() throws -> (value: Double, gradient: [Double], noise: Double) {
      var gradient = [Double](repeating: .nan, count: network.parameterCount)
      let (value, noiseGradient) = try likelihood().value(at: parameters, noise: noise, gradient: &gradient)
      return (value, gradient, noiseGradient)
    }

    /// The same by libtorch, in double precision.
    func recorded() throws -> (value: Double, gradient: [Double]) {
      let x = try Tensor(inputs, shape: [targets.count, network.widths[0]])
      let y = try Tensor(targets, shape: [targets.count, 1])
      let density = AutogradDensity(dimensions: network.parameterCount) { parameters in
        let f = try network(x, parameters: parameters)
        switch family {
        case .normal:
          let z = try (y - f) * (1 / noise)
          return try (z * z + 2 * log(noise) + log(2 * Double.pi)).sum() * -0.5
        case .normalPerRow:
          let (mean, s) = (
            try f.narrowed(dimension: 1, start: 0, length: 1), try f.narrowed(dimension: 1, start: 1, length: 1)
          )
          let z = try (y - mean) * (-s).exp()
          return try (z * z + s * 2 + log(2 * Double.pi)).sum() * -0.5
        case .bernoulli: return try (y * f - f.softplus()).sum()
        case .categorical: return try -f.crossEntropies(labels: Tensor(targets.map { Int64($0) })).sum()
        }
      }
      var gradient = [Double](repeating: 0, count: network.parameterCount)
      return (try density.valueAndGradient(at: parameters, gradient: &gradient), gradient)
    }
  }

  static let families: [MLPLikelihood.Family] = [.normal, .normalPerRow, .bernoulli, .categorical]

  @Test(arguments: Activation.allCases, families)
  func agreesWithAutomaticDifferentiation(activation: Activation, family: MLPLikelihood.Family) throws {
    for number in 0..<6 as Range<UInt64> {
      let one = Case(number, activation, family)
      let (byHand, recorded) = (try one.byHand(), try one.recorded())
      #expect(abs(byHand.value - recorded.value) < 1e-5 * abs(recorded.value), "\(one.network)")
      let scale = recorded.gradient.reduce(0) { max($0, abs($1)) }
      let worst = zip(byHand.gradient, recorded.gradient).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst < 1e-5 * scale, "\(one.network.widths), \(one.targets.count) rows")
    }
  }

  /// d/d log σ of Σ log N(y; f, σ) is Σ ((y − f) / σ)² − n.
  @Test func noiseHasItsDerivative() throws {
    let one = Case(1, .tanh, .normal)
    let outputs = try one.likelihood().outputs(at: one.parameters)
    let squares = zip(one.targets, outputs).reduce(0) { $0 + pow(($1.0 - $1.1) / one.noise, 2) }
    #expect(abs(try one.byHand().noise - squares + Double(outputs.count)) < 1e-5 * squares)
  }

  /// AVX-512, AVX2 and the portable path, where this processor has them: rows that fill no vector, odd widths.
  @Test func everyPathGivesTheSameBits() throws {
    defer { ckernels_use(CKERNELS_FASTEST) }
    let cases = Activation.allCases.flatMap { activation in
      Self.families.enumerated().map { Case(UInt64($0), activation, $1, rows: 37) }
    }
    let paths = [CKERNELS_PORTABLE, CKERNELS_AVX2, CKERNELS_AVX512].filter { ckernels_use($0) != 0 }
    let results = try paths.map { path in
      ckernels_use(path)
      let numbers = RandomKey(seed: 4).normals(count: 37)
      return try [numbers] + cases.map { try [$0.byHand().value] + $0.byHand().gradient }
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test func chosenRowsAreTheRowsAlone() throws {
    let one = Case(2, .tanh, .normalPerRow, rows: 50)
    let chosen: [Int64] = [3, 49, 0, 3]
    let width = one.network.widths[0]
    let alone = try MLPLikelihood(
      one.network, .normalPerRow, inputs: chosen.flatMap { one.inputs[(Int($0) * width)..<(Int($0 + 1) * width)] },
      targets: chosen.map { one.targets[Int($0)] })
    var (a, b) = (one.parameters, one.parameters)
    let values = (
      try one.likelihood().value(ofRows: chosen[...], at: one.parameters, gradient: &a).value,
      alone.value(at: one.parameters, gradient: &b).value
    )
    #expect(values.0 == values.1)
    #expect(a == b)
  }

  /// Without hidden layers the gradient is Xᵀ(y − p) − w / s².
  @Test func logisticRegressionIsAClassifierWithoutHiddenLayers() throws {
    let labels = [0, 1, 1, 0, 1]
    let x = RandomKey(seed: 9).normals(count: 10)
    let density = try MLPClassification(
      inputs: x, rows: 5, columns: 2, labels: labels, classes: 2, hidden: [], priorScale: 2)
    let w = [0.3, -0.8, 0.1]
    var gradient = w
    let value = try density.valueAndGradient(at: w, gradient: &gradient)
    var (expected, expectedValue) = (w.map { -$0 / 4 }, 0.0)
    for (row, label) in labels.enumerated() {
      let p = 1 / (1 + exp(-(w[0] * x[2 * row] + w[1] * x[2 * row + 1] + w[2])))
      for (i, input) in [x[2 * row], x[2 * row + 1], 1].enumerated() { expected[i] += input * (Double(label) - p) }
      expectedValue += log(label == 1 ? p : 1 - p)
    }
    expectedValue -= w.reduce(0) { $0 + $1 * $1 / 8 + log(2) + log(2 * Double.pi) / 2 }
    #expect(abs(value - expectedValue) < 1e-5)
    for (a, b) in zip(gradient, expected) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func dataThatDoNotFitAreRefused() throws {
    let network = MLP(inputs: 2, hidden: [3], outputs: 2, activation: .tanh)
    #expect(throws: PosteriorError.self) { try MLPLikelihood(network, .normal, inputs: [1, 2], targets: [1]) }
    #expect(throws: PosteriorError.self) { try MLPLikelihood(network, .categorical, inputs: [1, 2], targets: [2]) }
    #expect(throws: PosteriorError.self) { try MLPLikelihood(network, .normalPerRow, inputs: [1, 2, 3], targets: [1]) }
    #expect(throws: PosteriorError.self) { try MLPLikelihood(network, .normalPerRow, inputs: [], targets: []) }
  }
}
