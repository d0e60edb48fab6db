import Foundation
import Posterior
import Specification
import Tensors
import Testing

@Suite struct LinearRegressionTests {
  static let key = RandomKey(seed: 3)
  static let rows = 25
  /// Columns around 1000 with deviations of 1 and 100: un-centred and badly scaled.
  static let inputs = key.purpose("x").normals(count: rows * 2).enumerated().map { 1000 + $1 * [1, 100][$0 % 2] }
  static let targets = key.purpose("y").normals(count: rows)

  static func density(_ configuration: LinearConfiguration, intercept: Bool = true) throws -> LinearRegression {
    try LinearRegression(
      inputs: inputs, rows: rows, columns: 2, targets: targets, configuration: configuration, intercept: intercept)
  }

  /// The log density written out in β and σ; up to a constant it is that of the sampled coordinates.
  static func reference(_ density: LinearRegression, _ configuration: LinearConfiguration, _ position: [Double]) throws
    -> Double
  {
    let (beta, sigma) = (density.coefficients(at: position), density.noiseScale(at: position))
    let predictions = try density.predictions(at: position, inputs: inputs)
    let likelihood = try predictions.logDensities(of: targets)
    var value = likelihood.reduce(0, +) + log(sigma)
    if let scale = configuration.coefficientScale { value -= beta.reduce(0) { $0 + $1 * $1 } / (2 * scale * scale) }
    switch configuration.noise {
    case .flat: break
    case .halfCauchy(let scale): value -= log(1 + sigma * sigma / (scale * scale))
    case .halfNormal(let scale): value -= sigma * sigma / (2 * scale * scale)
    }
    return value
  }

  static let configurations = [
    LinearConfiguration(), LinearConfiguration(coefficientScale: nil, noise: .flat),
    LinearConfiguration(coefficientScale: 0.1, noise: .halfNormal(scale: 0.3)),
  ]

  @Test(arguments: configurations, [true, false])
  func isTheDensityOfItsParameters(configuration: LinearConfiguration, intercept: Bool) throws {
    let density = try Self.density(configuration, intercept: intercept)
    let positions = (0..<5).map { density.initialPosition(key: Self.key.folding(in: $0)) }
    let offsets = try positions.map { position in
      try density.value(at: position) - Self.reference(density, configuration, position)
    }
    for offset in offsets { #expect(abs(offset - offsets[0]) < 1e-7) }
    #expect(try gradientError(of: density, at: positions[0]) < 1e-7)
  }

  @Test func namesItsParameters() throws {
    let density = try Self.density(LinearConfiguration())
    let parameters = density.parameters(at: [0, 0, 0, 0.5])
    #expect(parameters.map(\.name) == ["beta", "sigma"])
    #expect(parameters.map(\.shape) == [[3], []])
    #expect(parameters[1].values == [exp(0.5)])
  }

  @Test func improperPosteriorsAreRefused() throws {
    let flat = LinearConfiguration(coefficientScale: nil, noise: .flat)
    let fit = { (inputs: [Double], rows: Int) in
      _ = try LinearRegression(
        inputs: inputs, rows: rows, columns: 2, targets: [Double](repeating: 1, count: rows), configuration: flat)
    }
    func message(_ body: () throws -> Void) -> String {
      (#expect(throws: PosteriorError.self, performing: body))?.message ?? ""
    }
    #expect(message { try fit([1, 2, 3, 4], 2) }.contains("more than 2 rows"))
    #expect(message { try fit([1, 2, 2, 4, 3, 6, 4, 8, 7, 14], 5) }.contains("collinear"))
  }
}
