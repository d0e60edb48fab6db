import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// Guidance where the guided density is known.
@Suite struct GuidanceTests {
  private let schedule = LogSNRSchedule(.cosine)
  private let levels = [0.05, 0.3, 0.7, 0.95]

  private func points() throws -> Tensor {
    try .normals(key: RandomKey(seed: 4), shape: [6, 3], type: .float64)
  }

  /// A denoiser that must not be asked.
  private struct Forbidden: Denoiser {
    func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised {
      throw DiffusionError(.invalidArgument, "asked without need")
    }
  }

  @Test func theEndsAreTheTwoModels() throws {
    let (conditional, unconditional) = (try gaussian(mean: 1, variance: 0.3), try gaussian(variance: 1))
    let level = schedule.level(fraction: 0.5)
    let x = try points().reshaped(to: [18, 1])
    func guided(_ scale: Double, _ c: any Denoiser, _ u: any Denoiser) throws -> [Double] {
      let guidance = ClassifierFreeGuidance(c, awayFrom: u, GuidanceConfiguration(scale: scale))
      return try guidance(x, at: level).clean.numbers()
    }
    #expect(try guided(0, Forbidden(), unconditional) == unconditional(x, at: level).clean.numbers())
    #expect(try guided(1, conditional, Forbidden()) == conditional(x, at: level).clean.numbers())
  }

  /// Score and clean image of w times one Gaussian's logarithm and 1 − w times another's, at each level.
  @Test func theGuidedScoreOfGaussiansIsClosed() throws {
    let (mean, variance, base) = (1.0, 0.3, 0.8)
    let w = 3.0
    let guidance = ClassifierFreeGuidance(
      try gaussian(mean: mean, variance: variance), awayFrom: try gaussian(variance: base),
      GuidanceConfiguration(scale: w))
    let x = try points().reshaped(to: [18, 1])
    for fraction in levels {
      let level = schedule.level(fraction: fraction)
      let (a, s) = (level.alpha, level.sigma)
      let exact = try x.numbers().map { x in
        -w * (x - a * mean) / (a * a * variance + s * s) - (1 - w) * x / (a * a * base + s * s)
      }
      let denoised = try guidance(x, at: level)
      for (value, score) in zip(try denoised.score(at: level).numbers(), exact) { #expect(abs(value - score) < 1e-9) }
      let clean = try (x + denoised.score(at: level) * (s * s)) * (1 / a)
      #expect(try clean.distance(to: denoised.clean) < 1e-9)
    }
  }

  @Test func outsideItsIntervalItIsOff() throws {
    let conditional = try gaussian(mean: 1, variance: 0.3)
    let guidance = ClassifierFreeGuidance(
      conditional, awayFrom: Forbidden(), GuidanceConfiguration(scale: 4, interval: 0.5...2))
    let x = try points().reshaped(to: [18, 1])
    for ratio in [0.49, 2.01] {
      let level = schedule.level(ratio: ratio)
      #expect(try guidance(x, at: level).clean.numbers() == conditional(x, at: level).clean.numbers())
    }
    #expect(throws: DiffusionError.self) { try guidance(x, at: schedule.level(ratio: 1)) }
  }

  @Test(arguments: [Parameterization.epsilon, .v, .x0])
  func rescalingKeepsTheConditionalDeviation(parameterization: Parameterization) throws {
    let conditional = try gaussian(mean: 1, variance: 0.3, dimensions: 3)
    let guidance = ClassifierFreeGuidance(
      conditional, awayFrom: try gaussian(variance: 1, dimensions: 3), GuidanceConfiguration(scale: 6, rescale: 1),
      parameterization: parameterization)
    let x = try points()
    let level = schedule.level(fraction: 0.4)
    func deviations(_ denoised: Denoised) throws -> [Double] {
      let answer =
        switch parameterization {
        case .x0: denoised.clean
        case .v: try denoised.noise * level.alpha - denoised.clean * level.sigma
        case .epsilon, .edm: denoised.noise
        }
      return try answer.variance(alongAll: [1], unbiased: true, keepingDimensions: false).sqrt().numbers()
    }
    let guided = try guidance(x, at: level)
    for (a, b) in zip(try deviations(guided), try deviations(conditional(x, at: level))) { #expect(abs(a - b) < 1e-9) }
    // x = α x₀ + σ z still holds.
    #expect(try (guided.clean * level.alpha + guided.noise * level.sigma).distance(to: x) < 1e-9)
  }

  @Test func dynamicThresholds() throws {
    let bound = ThresholdConfiguration.Bound.dynamic(quantile: 0.9, maximum: 1e9)
    let wild = try points() * 5
    let kept = try bound.applied(to: wild)
    #expect(try kept.abs().maximum().scalar() <= 1)
    let tame = try points().clamped(from: -1, to: 1)
    #expect(try bound.applied(to: tame).numbers() == tame.numbers())
    // Each image has a quantile of its own.
    let alone = try bound.applied(to: wild.narrowed(start: 2, length: 1))
    #expect(try kept.narrowed(start: 2, length: 1).numbers() == alone.numbers())
    let level = schedule.level(fraction: 0.6)
    let base = FunctionDenoiser { x, level in try Denoised(clean: x * 3, of: x, at: level) }
    let x = try points()
    let moved = try Thresholding(base, ThresholdConfiguration(.fixed(limit: 1)))(x, at: level)
    #expect(try (moved.clean * level.alpha + moved.noise * level.sigma).distance(to: x) < 1e-12)
    let still = try Thresholding(base, ThresholdConfiguration(.fixed(limit: 1), keepsNoise: true))(x, at: level)
    #expect(try still.noise.numbers() == base(x, at: level).noise.numbers())
  }

  /// With p(y | x) of the noisy image, weight 1 turns the denoiser of x into that of x given y = x₀ + n: Bayes' rule.
  @Test func aLinearClassifierShiftsExactly() throws {
    let (variance, error, y) = (0.7, 0.2, 1.3)
    let base = try gaussian(variance: variance)
    let x = try points().reshaped(to: [18, 1])
    for fraction in levels {
      let level = schedule.level(fraction: fraction)
      // x₀ given x, then y given x.
      let marginal = level.alpha * level.alpha * variance + level.sigma * level.sigma
      let (gain, rest) = (level.alpha * variance / marginal, variance * level.sigma * level.sigma / marginal)
      func guided(_ weight: Double) throws -> Denoised {
        try ClassifierGuidance(base, scale: weight) { x, _ in
          try ((x * gain - y).squared() * (-0.5 / (rest + error))).sum(along: 1)
        }(x, at: level)
      }
      let plain = try base(x, at: level)
      for weight in [0, 1, 2.5] {
        let shift = try (x * gain - y) * (-gain / (rest + error) * weight * level.sigma * level.sigma)
        #expect(try guided(weight).clean.distance(to: plain.clean + shift * (1 / level.alpha)) < 1e-9)
        #expect(try guided(weight).noise.distance(to: plain.noise - shift * (1 / level.sigma)) < 1e-9)
      }
      let posterior = try x.numbers().map { (gain * $0 * error + y * rest) / (rest + error) }
      for (a, b) in zip(try guided(1).clean.numbers(), posterior) { #expect(abs(a - b) < 1e-9) }
    }
  }
}
