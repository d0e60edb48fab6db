import Diffusion
import Foundation
import Specification
import Tensors
import Testing

@Suite struct AverageTests {
  /// Averages of the weights 1, 2, 3, … kept by these profiles, after each update.
  private static func ramp(_ profile: AverageProfile, updates: Int) throws -> [Double] {
    let average = try Tensor([1.0])
    return try (1...updates).map { update in
      try profile.update([average], with: [Tensor([Double(update + 1)])], update: update)
      return try average.scalar()
    }
  }

  /// On a ramp the power profile t^γ averages (γ + 1) / (γ + 2) t, and a constant decay lags by β / (1 − β).
  @Test func aRampIsAveragedAsTheProfileSays() throws {
    for deviation in [0.05, 0.1, 0.2] {
      let gamma = try powerProfileGamma(relativeDeviation: deviation)
      let reached = try Self.ramp(.power(gamma: gamma), updates: 2000)[1999]
      #expect(abs(reached / 2001 - (gamma + 1) / (gamma + 2)) < 1e-3)
    }
    let plain = try Self.ramp(.plain(decay: 0.9), updates: 500)
    #expect(abs(501 - plain[499] - 9) < 1e-6)
    #expect(plain[0] == 2)
    let warm = try Self.ramp(.warmUp(decay: 0.95, inverseGamma: 1, power: 0.75), updates: 1000)
    #expect(abs(1001 - warm[999] - 19) < 1e-3)
  }

  /// The relative standard deviation is that of the profile's density on 0...1.
  @Test func gammaHasItsDeviation() throws {
    for deviation in [0.02, 0.1, 0.25] {
      let gamma = try powerProfileGamma(relativeDeviation: deviation)
      let mean = integral(0...1) { (gamma + 1) * pow($0, gamma) * $0 }
      let variance = integral(0...1) { (gamma + 1) * pow($0, gamma) * ($0 - mean) * ($0 - mean) }
      #expect(abs(variance.squareRoot() - deviation) < 1e-5)
    }
  }

  /// An average that was never kept, put together from the snapshots of two others.
  @Test func averagesCanBeChosenAfterwards() throws {
    // Weights on a crooked path.
    func weights(_ step: Int) throws -> Tensor {
      let t = Double(step)
      return try Tensor([sin(t / 90), log(t), pow(t / 1000, 2), cos(t / 40)])
    }
    let wanted = AverageSnapshot(time: 2000, gamma: try powerProfileGamma(relativeDeviation: 0.08))
    let kept = try AveragingConfiguration.power(relativeDeviations: [0.05, 0.1]).profiles()
    let direct = AverageProfile.power(gamma: wanted.gamma)
    let averages = try (0...2).map { _ in try weights(1) + 0 }
    var snapshots: [(AverageSnapshot, [Tensor])] = []
    for step in 2...2000 {
      for (index, profile) in (kept + [direct]).enumerated() {
        try profile.update([averages[index]], with: [weights(step)], update: step - 1)
      }
      guard step % 100 == 0 else { continue }
      for (index, profile) in kept.enumerated() {
        guard case .power(let gamma) = profile else { continue }
        snapshots.append((AverageSnapshot(time: Double(step), gamma: gamma), [try averages[index] + 0]))
      }
    }
    let factors = try postHocFactors(of: snapshots.map(\.0), for: wanted)
    #expect(abs(factors.reduce(0, +) - 1) < 1e-9)
    let combined = try combine(snapshots.map(\.1), factors: factors)[0]
    #expect(try combined.distance(to: averages[2]) < 2e-3)
    // Far nearer than any that was kept.
    #expect(try averages[0].distance(to: averages[2]) > 0.05 && averages[1].distance(to: averages[2]) > 0.05)
  }
}
