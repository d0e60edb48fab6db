import Foundation
import Testing
import Uncertainty

@Suite struct ClassUncertaintyTests {
  /// Two draws that are sure and disagree are epistemic; one that cannot decide is aleatoric.
  @Test func disagreementIsEpistemicAndIndecisionAleatoric() throws {
    var draws = try ProbabilityDraws(inputs: 2, classes: 2)
    try draws.add([1, 0, 0.5, 0.5])
    try draws.add([0, 1, 0.5, 0.5] as [Float])
    let uncertainty = try ClassUncertainty(draws)
    #expect(uncertainty.probabilities == [0.5, 0.5, 0.5, 0.5])
    #expect(uncertainty.variance.aleatoric == [0, 0, 0.25, 0.25])
    #expect(uncertainty.variance.epistemic == [0.25, 0.25, 0, 0])
    #expect(uncertainty.inputVariance.total == [0.5, 0.5])
    #expect(agree(uncertainty.entropy.aleatoric, [0, log(2)]))
    #expect(agree(uncertainty.entropy.epistemic, [log(2), 0]))
  }

  /// The law of total variance, and equal weights are no weights.
  @Test func partsSumToTheWhole() throws {
    var seed: UInt64 = 5
    func next() -> Double {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(seed >> 40) + 1
    }
    var (plain, weighted) = (
      try ProbabilityDraws(inputs: 4, classes: 3), try ProbabilityDraws(inputs: 4, classes: 3)
    )
    for _ in 0..<50 {
      let draw = (0..<4).flatMap { _ in
        let row = (0..<3).map { _ in next() }
        return row.map { $0 / row.reduce(0, +) }
      }
      try plain.add(draw)
      try weighted.add(draw, weight: 0.3)
    }
    let uncertainty = try ClassUncertainty(plain)
    #expect(agree(uncertainty.variance.total, uncertainty.probabilities.map { $0 * (1 - $0) }, 1e-14))
    let entropies = stride(from: 0, to: 12, by: 3).map { start in
      uncertainty.probabilities[start..<(start + 3)].reduce(0) { $0 - $1 * log($1) }
    }
    #expect(agree(uncertainty.entropy.total, entropies, 1e-14))
    #expect(uncertainty.entropy.epistemic.allSatisfy { $0 > 0 })
    let again = try ClassUncertainty(weighted)
    #expect(agree(again.variance.epistemic, uncertainty.variance.epistemic))
    #expect(agree(again.entropy.aleatoric, uncertainty.entropy.aleatoric))
  }

  @Test func dirichletAgreesWithSciPy() throws {
    let golden = try Golden.load().dirichlet
    let uncertainty = try ClassUncertainty(concentrations: golden.concentrations, classes: 3)
    #expect(agree(uncertainty.variance.epistemic, golden.epistemicVariance))
    #expect(agree(uncertainty.variance.total, uncertainty.probabilities.map { $0 * (1 - $0) }, 1e-14))
    #expect(agree(uncertainty.entropy.aleatoric, golden.aleatoricEntropy))
    #expect(agree(uncertainty.entropy.total, golden.totalEntropy))
  }

  @Test func uncertaintyIsGatheredByTrueLabel() throws {
    var draws = try ProbabilityDraws(inputs: 3, classes: 2)
    try draws.add([1, 0, 0.5, 0.5, 0.9, 0.1])
    let byLabel = try ClassUncertainty(draws).byLabel([0, 1, 1])
    #expect(byLabel.map(\.count) == [1, 2])
    #expect(byLabel[0].variance.mean.total == 0)
    #expect(abs(byLabel[1].variance.mean.aleatoric - (0.5 + 0.18) / 2) < 1e-15)
    #expect(byLabel[1].variance.mean.epistemic == 0)
  }

  @Test func badInputIsRefused() throws {
    var draws = try ProbabilityDraws(inputs: 1, classes: 2)
    #expect(throws: UncertaintyError.self) { try ClassUncertainty(draws) }
    #expect(throws: UncertaintyError.self) { try draws.add([0.5, 0.5, 0, 1]) }
    #expect(throws: UncertaintyError.self) { try draws.add([2.5, -1.5]) }
    #expect(throws: UncertaintyError.self) { try draws.add([Double.nan, 1]) }
    #expect(throws: UncertaintyError.self) { try draws.add([0.5, 0.5], weight: -1) }
    #expect(throws: UncertaintyError.self) { try ClassUncertainty(concentrations: [1, 0], classes: 2) }
    try draws.add([0.5, 0.5])
    #expect(throws: UncertaintyError.self) { try ClassUncertainty(draws).byLabel([2]) }
  }
}
