import Foundation
import Networks
import Posterior
import Specification
import Tensors
import Testing

@Suite struct MLPRegressionTests {
  static let key = RandomKey(seed: 12)
  static let rows = 15
  static let inputs = key.purpose("x").normals(count: rows * 3)
  static let targets = key.purpose("y").normals(count: rows)

  static func density(_ configuration: MLPConfiguration) throws -> MLPRegression {
    try MLPRegression(inputs: inputs, rows: rows, columns: 3, targets: targets, configuration: configuration)
  }

  static let configurations: [MLPConfiguration] = [
    MLPConfiguration(hidden: [4], activation: .tanh),
    MLPConfiguration(hidden: [4, 3], activation: .relu, prior: .hierarchical(scale: 0.7)),
    MLPConfiguration(hidden: [4, 3], activation: .gelu, prior: .fixed(scale: 0.5), noise: .fixed(scale: 0.3)),
    MLPConfiguration(
      hidden: [5], activation: .silu, prior: .hierarchical(scale: 2), noise: .learned(location: -1, scale: 0.5)),
    MLPConfiguration(hidden: [], prior: .hierarchical(scale: 1), noise: .fixed(scale: 1)),
    MLPConfiguration(hidden: [4], prior: .hierarchical(scale: 1), noise: .perRow),
  ]

  /// The network is computed in single precision: a step must be wide, which the kink of relu does not bear, and the difference is
  /// rough.
  @Test(arguments: configurations.filter { $0.activation != .relu })
  func gradientAgreesWithCentralDifferences(configuration: MLPConfiguration) throws {
    let density = try Self.density(configuration)
    let position = Self.key.purpose("position").normals(count: density.dimensions).map { 0.7 * $0 }
    #expect(try gradientError(of: density, at: position, step: 3e-3) < 3e-3)
  }

  /// The same posterior written with tensor operations: values and gradients agree, constants and all.
  @Test func agreesWithAutomaticDifferentiation() throws {
    let byHand = try Self.density(Self.configurations[0])
    let network = byHand.network
    let x = try Tensor(Self.inputs, shape: [Self.rows, 3])
    let y = try Tensor(Self.targets, shape: [Self.rows, 1])
    let logTwoPi = log(2 * Double.pi)
    let automatic = AutogradDensity(dimensions: byHand.dimensions) { position in
      let logSigma = try position.narrowed(start: network.parameterCount, length: 1)
      let z = try (y - network(x, parameters: position)) * (-logSigma).exp()
      let misfit = try (z * z + logTwoPi).sum() * -0.5 - logSigma * Double(Self.rows)
      return try (misfit - (position * position + logTwoPi).sum() * 0.5).sum()
    }
    let position = Self.key.purpose("position").normals(count: byHand.dimensions)
    var (a, b) = (position, position)
    let values = try (
      byHand.valueAndGradient(at: position, gradient: &a), automatic.valueAndGradient(at: position, gradient: &b)
    )
    #expect(abs(values.0 - values.1) < 1e-6 * abs(values.1))
    #expect(try automatic.value(at: position) == values.1)
    for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-5 * (1 + abs(y))) }
  }

  @Test func partsHaveNames() throws {
    let density = try Self.density(Self.configurations[3])
    let position = (0..<density.dimensions).map { Double($0) / 100 }
    let count = density.network.parameterCount
    #expect(density.dimensions == count + 3)
    #expect(density.noiseScale(at: position) == exp(position[count]))
    #expect(density.priorScales(at: position) == [exp(position[count + 1]), exp(position[count + 2])])
    #expect(density.parameters(at: position).map(\.name) == ["weights", "sigma", "prior_scale"])
    #expect(density.parameters(at: position).map(\.shape) == [[count], [], [2]])
    let predictions = try density.predictions(at: position, inputs: Array(Self.inputs.prefix(6)))
    let likelihood = try predictions.logDensities(of: [0.1, 0.2])
    let z = (0.2 - predictions.means[1]) / density.noiseScale(at: position)
    #expect(abs(likelihood[1] + z * z / 2 + position[count] + log(2 * Double.pi) / 2) < 1e-12)
  }

  @Test func badDataAreRefusedByRowAndColumn() throws {
    func message(_ inputs: [Double], _ targets: [Double]) -> String {
      (#expect(throws: PosteriorError.self) {
        try MLPRegression(
          inputs: inputs, rows: 2, columns: 2, targets: targets, configuration: MLPConfiguration())
      })?.message ?? ""
    }
    #expect(message([1, 2, 3], [1, 2]).contains("2 rows of 2 columns"))
    #expect(message([1, 2, 3, .nan], [1, 2]).contains("row 1, column 1"))
    #expect(message([1, 2, 3, 4], [1, .infinity]).contains("target of row 1"))
    #expect(throws: PosteriorError.self) { try Self.density(MLPConfiguration(hidden: [0])) }
    #expect(throws: PosteriorError.self) { try Self.density(MLPConfiguration(prior: .fixed(scale: 0))) }
    let density = try Self.density(Self.configurations[0])
    #expect(throws: PosteriorError.self) { try density.value(at: [1]) }
    #expect(throws: PosteriorError.self) { try density.predictions(at: [1], inputs: [1, 2, 3]) }
  }
}
