import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// The probability flow and the likelihood against closed forms.
@Suite struct FlowTests {
  static let schedules: [NoiseScheduleConfiguration] = [
    .sde(.vp(betaMin: 0.1, betaMax: 30)), .sde(.subVP(betaMin: 0.1, betaMax: 30)),
    .sde(.ve(sigmaMin: 0.01, sigmaMax: 2000)),
  ]

  /// x_s = x_t √((α_s² v + σ_s²) / (α_t² v + σ_t²)) for data N(0, v).
  @Test(arguments: schedules)
  func aGaussianIsScaled(configuration: NoiseScheduleConfiguration) throws {
    let (schedule, variance) = (try configuration.schedule(), 0.6)
    func deviation(_ level: NoiseLevel) -> Double {
      (level.alpha * level.alpha * variance + level.sigma * level.sigma).squareRoot()
    }
    let (from, to) = (schedule.level(fraction: 0.9), schedule.level(fraction: 0.05))
    let flow = try ProbabilityFlow(gaussian(variance: variance, dimensions: 3), schedule: schedule, steps: 200)
    let start = try Tensor.normals(key: RandomKey(seed: 2), shape: [8, 3], type: .float64) * deviation(from)
    let end = try flow.transport(start, from: from, to: to)
    #expect(try end.distance(to: start * (deviation(to) / deviation(from))) < 1e-6)
    #expect(try flow.transport(end, from: to, to: from).distance(to: start) < 1e-6 * deviation(from))
  }

  @Test(arguments: schedules)
  func theLikelihoodIsExact(configuration: NoiseScheduleConfiguration) throws {
    let schedule = try configuration.schedule()
    // Symmetric, so that the prior differs from the noisy data in second order of α alone.
    let mixture = try GaussianMixture(
      means: Tensor([-0.8, 0.5, 0.8, -0.5], shape: [2, 2]), deviations: [0.5, 0.5], weights: [0.5, 0.5])
    let points = try Tensor([-0.8, 0.4, 0, 0, 1.2, -1, 2, 1], shape: [4, 2])
    let flow = try ProbabilityFlow(mixture, schedule: schedule, steps: 400)
    let exact = try mixture.logDensity(points, at: schedule.level(ratio: schedule.ratios.lowerBound))
    let computed = try flow.logLikelihood(points)
    #expect(try computed.distance(to: exact) < 1e-4)
  }

  @Test func hutchinsonScattersAroundTheExactTrace() throws {
    let schedule = try NoiseScheduleConfiguration.sde(.vp(betaMin: 0.1, betaMax: 30)).schedule()
    let mixture = try GaussianMixture(
      means: Tensor([-1.0, 0.5, 1, -0.5], shape: [2, 2]), deviations: [0.5, 0.3], weights: [0.6, 0.4])
    let points = try Tensor([0.2, 0.1, 1.2, -1], shape: [2, 2])
    let flow = try ProbabilityFlow(mixture, schedule: schedule, steps: 60)
    let exact = try flow.logLikelihood(points).numbers()
    let estimates = try (0..<64).map { index in
      try flow.logLikelihood(points, divergence: .hutchinson(key: RandomKey(seed: index), probes: 1)).numbers()
    }
    for point in 0..<2 {
      let values = estimates.map { $0[point] }
      let mean = values.reduce(0, +) / 64
      let error = (values.reduce(0) { $0 + pow($1 - mean, 2) } / 63 / 64).squareRoot()
      #expect(error > 0 && error < 1)
      #expect(abs(mean - exact[point]) < 4 * error)
    }
    // As many probes at once scatter less, and the same key gives the same bits.
    let many = ProbabilityFlow.Divergence.hutchinson(key: RandomKey(seed: 1), probes: 16)
    let first = try flow.logLikelihood(points, divergence: many).numbers()
    #expect(first == (try flow.logLikelihood(points, divergence: many).numbers()))
  }
}
