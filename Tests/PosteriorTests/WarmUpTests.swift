import Foundation
import Posterior
import Testing

@Suite struct WarmUpTests {
  /// Stan's windows: 75 | 25, 50, 100, 200, 500 | 50 of a thousand iterations.
  @Test(arguments: [
    (1000, 75..<950, [99, 149, 249, 449, 949]), (500, 75..<450, [99, 149, 249, 449]), (150, 75..<100, [99]),
    (100, 15..<90, [89]), (20, 3..<18, [17]), (19, 0..<0, []), (0, 0..<0, []),
  ])
  func windowsDoubleBetweenBuffers(iterations: Int, slow: Range<Int>, ends: [Int]) {
    let schedule = WarmUpSchedule(iterations: iterations)
    #expect(schedule.slow == slow)
    #expect(schedule.windowEnds == ends)
  }

  /// Where acceptance is e^(−ε), a target of 0.8 is met at ε = −log 0.8.
  @Test func dualAveragingFindsTheStepSize() {
    var averaging = DualAveraging(target: 0.8, stepSize: 1)
    var stepSize = 1.0
    for _ in 0..<2000 { stepSize = averaging.update(acceptanceRate: exp(-stepSize)) }
    #expect(abs(averaging.averagedStepSize + log(0.8)) < 0.005)
  }

  @Test func variancesAreRegularizedAsInStan() {
    var variance = WelfordVariance(dimensions: 1)
    for x in [1e6 + 1, 1e6 + 2, 1e6 + 3, 1e6 + 6] { variance.add([x]) }
    // Sample variance 14/3 of four draws: 14/3 · 4/9 + 10⁻³ · 5/9.
    #expect(abs(variance.regularizedVariances[0] - (14.0 / 3 * 4 / 9 + 5e-3 / 9)) < 1e-9)
  }
}
