import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// A cascade in two numbers: low ~ N(0, 1) and high = 0.9 low + N(0, 0.19), so that every stage is known exactly.
@Suite struct CascadeTests {
  private static let (slope, rest) = (0.9, 0.19)
  private static let steps = 40

  private static func sampler(_ schedule: any NoiseSchedule) throws -> any Solver {
    try SamplingConfiguration(
      solver: .heun(.init()), steps: steps, spacing: SpacingConfiguration(sigmas: .karras(rho: 7))
    ).solver(for: schedule)
  }

  /// The base stage and the stage above it, which sees the low image with noise of a level and was trained with it.
  /// - Returns: pairs of low and high.
  private static func pairs(level: Double, baseVariance: Double = 1) throws -> [(low: Double, high: Double)] {
    let schedule = try KarrasSchedule(.init(sigmaMin: 0.002, sigmaMax: 40))
    let (count, solver) = (20_000, try sampler(schedule))
    let noise = BatchNoise(key: RandomKey(seed: 11))
    var base = try solver.initialState(noise.normals(shape: [count, 1], type: .float64, step: -1, draw: 0))
    let low = try solver.finish(&base, denoiser: gaussian(variance: baseVariance), noise: noise)
    let seen = try ConditioningNoiseConfiguration().samplingInput(
      low, key: RandomKey(seed: 12), numbers: (0..<UInt64(count)).map { $0 }, level: level)
    #expect(try seen.levels.numbers().allSatisfy { $0 == Double(Float(level)) })
    if level == 0 { #expect(try seen.images.numbers() == low.numbers()) }
    // high given what is seen of low: Gaussian.
    let conditioning = ConditioningNoiseConfiguration.level(level)
    let mean = try seen.images * (slope * conditioning.alpha)
    let variance = rest + slope * slope * conditioning.sigma * conditioning.sigma
    let stage = FunctionDenoiser { x, level in
      let share = level.alpha * variance / (level.alpha * level.alpha * variance + level.sigma * level.sigma)
      return try Denoised(clean: mean + (x - mean * level.alpha) * share, of: x, at: level)
    }
    let above = BatchNoise(key: RandomKey(seed: 13))
    var state = try solver.initialState(above.normals(shape: [count, 1], type: .float64, step: -1, draw: 0))
    let high = try solver.finish(&state, denoiser: stage, noise: above)
    return zip(try low.numbers(), try high.numbers()).map { (low: $0, high: $1) }
  }

  private static func moment(
    _ pairs: [(low: Double, high: Double)], _ product: ((low: Double, high: Double)) -> Double
  ) -> Double {
    pairs.reduce(0) { $0 + product($1) } / Double(pairs.count)
  }

  @Test func exactStagesHaveTheJointCovariance() throws {
    for level in [0, 0.5] {
      let pairs = try Self.pairs(level: level)
      let alpha = ConditioningNoiseConfiguration.level(level).alpha
      // Four standard errors of 20,000 draws, and 1 % for 40 steps.
      #expect(abs(Self.moment(pairs) { $0.low * $0.low } - 1) < 0.05)
      #expect(abs(Self.moment(pairs) { $0.high * $0.high } - 1) < 0.05)
      // Noise on the way takes away from the connection exactly what the level says, α².
      #expect(abs(Self.moment(pairs) { $0.low * $0.high } - Self.slope * alpha * alpha) < 0.05)
    }
  }

  /// What augmentation is for: a stage that trusts its input less passes on less of the error of the stage before.
  @Test func errorsOfTheBaseFadeWithTheLevel() throws {
    let errors = try [0, 0.25, 0.5, 0.75, 1].map { level in
      Self.moment(try Self.pairs(level: level, baseVariance: 2)) { $0.high * $0.high } - 1
    }
    for (more, less) in zip(errors.dropLast(), errors.dropFirst()).dropLast() { #expect(less < more - 0.02) }
    // With noise of level s the excess variance of 1 arrives as slope² α⁴.
    for (error, level) in zip(errors, [0, 0.25, 0.5, 0.75, 1]) {
      let alpha = ConditioningNoiseConfiguration.level(level).alpha
      #expect(abs(error - Self.slope * Self.slope * pow(alpha, 4)) < 0.08)
    }
  }

  /// Training draws a level for each sample, evenly over its range, and tells it.
  @Test func trainingDrawsLevels() throws {
    let configuration = ConditioningNoiseConfiguration(training: 0.2...0.8)
    let images = try Tensor.full(2, shape: [1000, 1, 2, 2], type: .float64)
    let input = try configuration.trainingInput(images, key: RandomKey(seed: 1))
    let levels = try input.levels.numbers()
    #expect(levels.allSatisfy { (0.2...0.8).contains($0) })
    let mean = levels.reduce(0, +) / 1000
    // Four standard errors of a uniform number of width 0.6.
    #expect(abs(mean - 0.5) < 4 * 0.6 / 12_000.squareRoot())
    let noise = try zip(input.images.reshaped(to: [1000, 4]).mean(along: 1).numbers(), levels).map { mean, s in
      (mean - 2 * cos(.pi / 2 * s)) / sin(.pi / 2 * s) * 2
    }
    let square = noise.reduce(0) { $0 + $1 * $1 } / 1000
    #expect(abs(square - 1) < 4 * (2.0 / 1000).squareRoot())
    let part = try configuration.trainingInput(images.narrowed(start: 0, length: 10), key: RandomKey(seed: 1))
    #expect(try part.images.numbers() == input.images.narrowed(start: 0, length: 10).numbers())
  }
}
