import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// The forward process and its inverse, against sums and integrals done by hand.
@Suite struct ProcessTests {
  /// q(x_t | x₀) is t single steps: means multiply and variances add up.
  @Test(arguments: DiscreteScheduleConfiguration.Shape.allCases)
  func theClosedFormIsAllStepsTogether(shape: DiscreteScheduleConfiguration.Shape) throws {
    let schedule = try DiscreteSchedule(DiscreteScheduleConfiguration(shape: shape, timesteps: 400))
    var (mean, variance) = (1.0, 0.0)
    for (timestep, beta) in schedule.betas.enumerated() {
      (mean, variance) = ((1 - beta).squareRoot() * mean, (1 - beta) * variance + beta)
      let level = schedule.level(timestep: timestep)
      // ᾱ is kept in single precision.
      #expect(abs(level.alpha - mean) < 1e-6 && abs(level.sigma * level.sigma - variance) < 1e-6)
      let step = Interval(from: level, to: schedule.level(timestep: timestep - 1))
      #expect(abs(step.addedVariance - beta) < 1e-6)
      #expect(abs(schedule.time(ratio: level.ratio) - Double(timestep)) < 1e-6)
    }
  }

  /// α and σ solve d ln α / dt = f and dσ² / dt = 2 f σ² + g².
  @Test(arguments: [
    SDEConfiguration.vp(betaMin: 0.1, betaMax: 20), .subVP(betaMin: 0.1, betaMax: 20),
    .ve(sigmaMin: 0.01, sigmaMax: 50),
  ])
  func theMarginalsSolveTheEquation(kind: SDEConfiguration) throws {
    let equation = try ScoreSDE(kind)
    let (start, steps) = (equation.level(at: 0), 2000)
    var (logAlpha, variance) = (log(start.alpha), start.sigma * start.sigma)
    for step in 0..<steps {
      let (time, h) = (Double(step) / Double(steps), 1 / Double(steps))
      func slope(_ variance: Double, at time: Double) -> Double {
        2 * equation.drift(at: time) * variance + equation.squaredDiffusion(at: time)
      }
      let first = slope(variance, at: time)
      let second = slope(variance + h / 2 * first, at: time + h / 2)
      let third = slope(variance + h / 2 * second, at: time + h / 2)
      let fourth = slope(variance + h * third, at: time + h)
      variance += h / 6 * (first + 2 * second + 2 * third + fourth)
      logAlpha +=
        h / 6 * (equation.drift(at: time) + 4 * equation.drift(at: time + h / 2) + equation.drift(at: time + h))
      let level = equation.level(at: time + h)
      #expect(abs(level.alpha - exp(logAlpha)) < 1e-8 * level.alpha)
      #expect(abs(level.sigma * level.sigma - variance) < 1e-7 * variance)
      guard step % 100 == 99 else { continue }
      let found = equation.level(ratio: level.ratio)
      #expect(abs(found.time - level.time) < 1e-6 && abs(found.sigma - level.sigma) < 1e-9 * level.sigma)
    }
  }

  /// q(x′ | x, x₀) by Bayes' rule on a grid; the variance a network may say lies between the posterior's and the step's.
  @Test func thePosteriorIsBayesRule() throws {
    let schedule = try DiscreteSchedule(DiscreteScheduleConfiguration(shape: .cosine, timesteps: 20))
    let (from, to) = (schedule.level(timestep: 12), schedule.level(timestep: 7))
    let (x, clean, interval) = (0.7, -0.4, Interval(from: from, to: to))
    func joint(_ y: Double) -> Double {
      normalDensity(y, mean: to.alpha * clean, variance: to.sigma * to.sigma)
        * normalDensity(x, mean: interval.decay * y, variance: interval.addedVariance)
    }
    let total = integral(-8...8, joint)
    let mean = integral(-8...8) { $0 * joint($0) } / total
    let variance = integral(-8...8) { ($0 - mean) * ($0 - mean) * joint($0) } / total
    #expect(abs(interval.posteriorVariance - variance) < 1e-9)
    func reached(_ kind: SolverConfiguration.StepVariance, place: Double, noise: Double) throws -> Double {
      let denoiser = FunctionDenoiser { x, level in
        var denoised = try Denoised(clean: .full(clean, shape: [1, 1], type: .float64), of: x, at: level)
        denoised.variance = try .full(place, shape: [1, 1], type: .float64)
        return denoised
      }
      var state = SolverState(sample: try .full(x, shape: [1, 1], type: .float64))
      try Ancestral([interval], variance: kind).step(&state, denoiser: denoiser, noise: Constant(value: noise))
      return try state.sample.scalar()
    }
    #expect(abs(try reached(.fixedSmall, place: 0, noise: 0) - mean) < 1e-9)
    let deviations = try [-1.0, -0.3, 0.4, 1].map { try reached(.learnedRange, place: $0, noise: 1) - mean }
    #expect(abs(deviations[0] - variance.squareRoot()) < 1e-9)
    #expect(abs(deviations[3] - interval.addedVariance.squareRoot()) < 1e-9)
    #expect(deviations == deviations.sorted() && deviations[0] < deviations[1])
    #expect(abs(try reached(.fixedLarge, place: 0, noise: 1) - mean - deviations[3]) < 1e-9)
  }

  @Test func zeroTerminalSNREndsInPureNoise() throws {
    for shape in DiscreteScheduleConfiguration.Shape.allCases {
      let configuration = DiscreteScheduleConfiguration(shape: shape, zeroTerminalSNR: true)
      let plain = try DiscreteSchedule(DiscreteScheduleConfiguration(shape: shape))
      let schedule = try DiscreteSchedule(configuration)
      #expect(schedule.alphasCumprod[999] == 0)
      #expect(abs(schedule.alphasCumprod[0] - plain.alphasCumprod[0]) < 1e-6)
      #expect(schedule.ratios.upperBound == .infinity && schedule.withFiniteRatios.ratios.upperBound < 4097)
      #expect(throws: DiffusionError.self) {
        try DiffusionObjective(DiffusionConfiguration(schedule: .discrete(configuration), parameterization: .epsilon))
      }
      let last = schedule.level(timestep: 999)
      let x = try Tensor([0.3, -2], shape: [1, 2])
      #expect(throws: DiffusionError.self) {
        try NetworkDenoiser(parameterization: .epsilon) { image, _ in image }(x, at: last)
      }
      // From pure noise the best guess is the mean, and the first step must be taken from there.
      let data = try gaussian(mean: 0.5, variance: 0.1, dimensions: 2)
      let denoiser = NetworkDenoiser(parameterization: .v) { image, times in
        let level = schedule.level(time: try times.numbers()[0])
        let denoised = try data(image, at: level)
        return try denoised.noise * level.alpha - denoised.clean * level.sigma
      }
      #expect(try denoiser(x, at: last).clean.numbers().allSatisfy { abs($0 - 0.5) < 1e-12 })
      let solver = try SamplingConfiguration(solver: .ddim(eta: 0), steps: 100).solver(for: schedule)
      var state = SolverState(sample: x)
      let end = try solver.finish(&state, denoiser: denoiser, noise: NoNoise()).numbers()
      for (value, noise) in zip(end, [0.3, -2]) { #expect(abs(value - (0.5 + 0.1.squareRoot() * noise)) < 0.1) }
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let chain = try DiscreteSchedule(DiscreteScheduleConfiguration(timesteps: 100))
    func solver(_ kind: SolverConfiguration, steps: Int = 10, _ spacing: SpacingConfiguration = .init()) throws {
      _ = try SamplingConfiguration(solver: kind, steps: steps, spacing: spacing).solver(for: chain)
    }
    #expect(throws: DiffusionError.self) { try solver(.ddpm(.fixedSmall), steps: 101) }
    #expect(throws: DiffusionError.self) { try solver(.ddim(eta: 0), .init(timesteps: .leading, offset: 50)) }
    #expect(throws: DiffusionError.self) { try solver(.eulerMaruyama) }
    #expect(throws: DiffusionError.self) { try solver(.dpmSolver(.init(prediction: .noise))) }
    #expect(throws: DiffusionError.self) { try solver(.dpmSolver(.init(order: 3, isStochastic: true))) }
    #expect(throws: DiffusionError.self) { try DiscreteSchedule(betas: [0.1, 1.5]) }
    #expect(throws: DiffusionError.self) { try KarrasSchedule(.init(sigmaMin: 2, sigmaMax: 1)) }
    #expect(throws: DiffusionError.self) { try powerProfileGamma(relativeDeviation: 0.4) }
    let ended = try SamplingConfiguration(solver: .ddim(eta: 0), steps: 2).solver(for: chain)
    var state = SolverState(sample: try .full(0, shape: [1, 1]), step: 2)
    #expect(throws: DiffusionError.self) {
      try ended.step(&state, denoiser: gaussian(variance: 1), noise: NoNoise())
    }
  }
}

/// The same number wherever noise is asked for.
struct Constant: NoiseSource {
  let value: Double

  func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor {
    try .full(value, shape: shape, type: type)
  }
}
