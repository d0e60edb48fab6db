import Foundation
import Testing
import Uncertainty

@Suite struct BatchAcquisitionTests {
  private let scores = [0.1, 0.7, 0, 0.7, 0.4]

  @Test func theLargestScoresAreAskedForFirst() throws {
    let greedy = BatchAcquisition(coldness: nil)
    #expect(try greedy.chosen(3, scores: scores, uniforms: [0.9, 0.1, 0.9, 0.5, 0.9]) == [3, 1, 4])
    #expect(try greedy.chosen(2, scores: scores, uniforms: [0, 0, 0, 0, 0]) == [1, 3], "of equal ones the first")
    #expect(try greedy.chosen(9, scores: scores, uniforms: scores).count == 5)
    #expect(try BatchAcquisition(coldness: 0).chosen(2, scores: scores, uniforms: [0.9, 0.1, 0.8, 0.5, 0]) == [0, 2])
    #expect(throws: UncertaintyError.self) { try greedy.chosen(1, scores: [0.1, .nan], uniforms: [0, 0]) }
    #expect(throws: UncertaintyError.self) { try greedy.chosen(1, scores: [0.1], uniforms: []) }
  }

  /// The first one is chosen with a probability proportional to its score to the power of the coldness.
  @Test(arguments: [0, 1, 2.5]) func chancesArePowersOfScores(coldness: Double) throws {
    var random = FixedUniforms()
    let rule = BatchAcquisition(coldness: coldness)
    var counts = [0, 0, 0, 0, 0]
    let draws = 20_000
    for _ in 0..<draws {
      let chosen = try rule.chosen(2, scores: scores, uniforms: scores.map { _ in random.next() })
      #expect(Set(chosen).count == 2)
      counts[chosen[0]] += 1
    }
    let weights = scores.map { coldness == 0 ? 1 : pow($0, coldness) }
    for (count, weight) in zip(counts, weights) {
      let share = weight / weights.reduce(0, +)
      let deviation = (share * (1 - share) / Double(draws)).squareRoot()
      #expect(abs(Double(count) / Double(draws) - share) <= 4 * deviation, "\(count) of weight \(weight)")
    }
  }
}

/// Uniform numbers of a fixed seed.
private struct FixedUniforms {
  private var state: UInt64 = 11

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }
}
