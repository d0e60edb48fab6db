import Foundation
import Testing
import Uncertainty

@Suite struct RegressionUncertaintyTests {
  @Test func drawsAreToldApart() throws {
    let mixtures = try [GaussianMixture](means: [[1, 0], [3, 0]], variances: [[0.25, 1], [2.25, 3]])
    let uncertainty = RegressionUncertainty(mixtures)
    #expect(uncertainty.means == [2, 0])
    #expect(agree(uncertainty.variance.aleatoric, [1.25, 2]))
    #expect(uncertainty.variance.epistemic == [1, 0])
    // ½ N(2; 1, ½²) + ½ N(2; 3, 1.5²).
    let density = (exp(-2) / 0.5 + exp(-2.0 / 9) / 1.5) / 2 / (2 * Double.pi).squareRoot()
    #expect(abs(mixtures[0].logDensity(at: 2) - log(density)) < 1e-12)
    #expect(throws: UncertaintyError.self) { try [GaussianMixture](means: [[1]], variances: [[0]]) }
    #expect(throws: UncertaintyError.self) { try [GaussianMixture](means: [[1], [1, 2]], variances: [[1], [1]]) }
  }

  @Test func evidenceAgreesWithSciPy() throws {
    let golden = try Golden.load().student
    let evidence = try golden.evidence.map {
      try NormalInverseGamma(mean: $0[0], meanEvidence: $0[1], shape: $0[2], scale: $0[3])
    }
    #expect(agree(zip(evidence, golden.targets).map { $0.logDensity(at: $1) }, golden.logDensities))
    // The variance of Student's t is squared scale · ν / (ν − 2).
    let variances = golden.evidence.map { $0[3] * (1 + $0[1]) / ($0[1] * $0[2]) * $0[2] / ($0[2] - 1) }
    #expect(agree(RegressionUncertainty(evidence).variance.total, variances, 1e-9))
    #expect(throws: UncertaintyError.self) {
      try NormalInverseGamma(mean: 0, meanEvidence: 1, shape: 1, scale: 1)
    }
  }
}

@Suite struct ModelWeightsTests {
  @Test func evidencesAreWeights() throws {
    let weights = try ModelWeights(logEvidences: [-1000, -1000 + log(3), -.infinity]).weights
    #expect(agree(weights, [0.25, 0.75, 0]))
    #expect(throws: UncertaintyError.self) { try ModelWeights(logEvidences: []) }
    #expect(throws: UncertaintyError.self) { try ModelWeights(logEvidences: [-.infinity]) }
    #expect(throws: UncertaintyError.self) { try ModelWeights(logEvidences: [0, .nan]) }
  }

  @Test func stackingAgreesWithSciPy() throws {
    let golden = try Golden.load().stacking
    let weights = try ModelWeights(stacking: golden.logDensities, tolerance: 1e-9).weights
    let score = (0..<60).reduce(0.0) { sum, point in
      sum + log(zip(weights, golden.logDensities).reduce(0) { $0 + $1.0 * exp($1.1[point]) })
    }
    #expect(score / 60 > golden.score - 2e-9)
    #expect(agree(weights, golden.weights, 1e-4))
  }

  /// Where one model gives a point no probability, another must carry it, however improbable both are.
  @Test func stackingBearsTinyDensities() throws {
    let weights = try ModelWeights(stacking: [[-5000, -.infinity], [-.infinity, -9000]]).weights
    #expect(agree(weights, [0.5, 0.5]))
    #expect(throws: UncertaintyError.self) { try ModelWeights(stacking: [[-.infinity], [-.infinity]]) }
    #expect(throws: UncertaintyError.self) { try ModelWeights(stacking: [[0, 0], [0]]) }
  }
}
