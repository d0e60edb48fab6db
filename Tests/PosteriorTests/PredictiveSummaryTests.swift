import Foundation
import Posterior
import Specification
import Tensors
import Testing
import Uncertainty

@Suite struct PredictiveSummaryTests {
  @Test func varianceOfTwoDrawsIsToldApart() throws {
    let summary = try PredictiveSummary(
      predictions: [[1, 0], [3, 0]], noiseScales: [0.5, 1.5], targets: [2, 5], targetMean: 10, targetScale: 2)
    let point = summary.points[0]
    #expect(point.mean == 14)
    #expect(point.aleatoricVariance == 4 * (0.25 + 2.25) / 2)
    #expect(point.epistemicVariance == 4 * 1)
    #expect(point.totalVariance == 9)
    #expect(abs(summary.rootMeanSquareError - 50.0.squareRoot()) < 1e-12)
    // ½ N(2; 1, ½²) + ½ N(2; 3, 1.5²), over the scale.
    let density = (exp(-2) / 0.5 + exp(-2.0 / 9) / 1.5) / 2 / (2 * Double.pi).squareRoot() / 2
    #expect(abs(point.logDensity - log(density)) < 1e-12)
    // ½ Φ(2) + ½ Φ(−2/3).
    #expect(abs(point.cumulative - (0.9772498680518208 + 0.2524925375469229) / 2) < 1e-12)
    #expect(summary.coverage(ofCentralInterval: 0.9) == 0.5)
    #expect(summary.coverage(ofCentralInterval: 0.1) == 0)
    #expect(summary.logPredictiveDensity == (point.logDensity + summary.points[1].logDensity) / 2)
  }

  @Test func farTargetsKeepAFiniteLogDensity() throws {
    let summary = try PredictiveSummary(predictions: [[0]], noiseScales: [0.01], targets: [5])
    #expect(abs(summary.logPredictiveDensity - (-125_000 - log(0.01) - log(2 * Double.pi) / 2)) < 1e-6)
  }

  @Test func lengthsMustFit() {
    #expect(throws: UncertaintyError.self) { try PredictiveSummary(predictions: [], noiseScales: [], targets: [1]) }
    #expect(throws: UncertaintyError.self) {
      try PredictiveSummary(predictions: [[1]], noiseScales: [1], targets: [1, 2])
    }
    #expect(throws: UncertaintyError.self) { try PredictiveSummary(predictions: [[1]], noiseScales: [], targets: [1]) }
  }

  /// A network without hidden layers and with known noise has a Gaussian posterior in closed form: with slope and
  /// intercept a priori N(0, s²), precision P = X̃ᵀX̃ / σ² + I / s², the prediction at x̃ is N(x̃ᵀP⁻¹X̃ᵀy / σ², x̃ᵀP⁻¹x̃).
  @Test func samplingAgreesWithTheConjugateAnswer() throws {
    let x = [-1.5, -0.5, 0.0, 0.5, 2.0]
    let y = [-1.0, 0.3, 0.2, 1.1, 1.9]
    let (sigma, s) = (0.5, 2.0)
    let density = try MLPRegression(
      inputs: x, rows: 5, columns: 1, targets: y,
      configuration: MLPConfiguration(hidden: [], prior: .fixed(scale: s), noise: .fixed(scale: sigma)))
    var chain = try Chain(
      density, kernel: .nuts(NUTSConfiguration()), warmUpIterations: 500, key: RandomKey(seed: 8))
    var predictions: [[Double]] = []
    let tests = [0.0, 3.0]
    for _ in 0..<20_500 where try !chain.advance().isWarmUp {
      predictions.append(try density.predictions(at: chain.position, inputs: tests).means)
    }
    let summary = try PredictiveSummary(
      predictions: predictions, noiseScales: [Double](repeating: sigma, count: predictions.count), targets: [0.5, 3])
    let square = sigma * sigma
    let (a, b, c) = (
      x.reduce(0) { $0 + $1 * $1 } / square + 1 / (s * s), x.reduce(0, +) / square, 5 / square + 1 / (s * s)
    )
    let (u, v) = (zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / square, y.reduce(0, +) / square)
    let determinant = a * c - b * b
    for (point, x) in zip(summary.points, tests) {
      let variance = (c * x * x - 2 * b * x + a) / determinant
      let mean = (x * (c * u - b * v) + (a * v - b * u)) / determinant
      #expect(abs(point.mean - mean) < 0.05 * variance.squareRoot())
      #expect(abs(point.epistemicVariance / variance - 1) < 0.05)
      #expect(abs(point.aleatoricVariance - square) < 1e-12)
    }
  }
}
