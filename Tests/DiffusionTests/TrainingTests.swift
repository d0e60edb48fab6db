import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// What training asks of a network, and how errors count.
@Suite struct TrainingTests {
  static let parameterizations: [Parameterization] = [.epsilon, .x0, .v, .edm(sigmaData: 0.5)]
  static let schedules: [NoiseScheduleConfiguration] = [
    .discrete(.init()), .discrete(.init(shape: .scaledLinear)), .logSNR(.linear), .logSNR(.cosine), .karras(.init()),
    .sde(.subVP(betaMin: 0.1, betaMax: 20)),
  ]

  /// A network that answers what it is asked for denoises perfectly, on every schedule.
  @Test(arguments: parameterizations, schedules)
  func theTargetDenoises(parameterization: Parameterization, schedule: NoiseScheduleConfiguration) throws {
    let objective = try DiffusionObjective(
      DiffusionConfiguration(schedule: schedule, parameterization: parameterization))
    let clean = try Tensor.normals(key: RandomKey(seed: 1), shape: [16, 3, 2, 2], type: .float64)
    let batch = try objective.batch(clean, key: RandomKey(seed: 2))
    #expect(try objective.losses(batch.target, for: batch).numbers() == [Double](repeating: 0, count: 16))
    for (index, level) in batch.levels.enumerated() {
      func sample(_ tensor: Tensor) throws -> Tensor { try tensor.narrowed(start: index, length: 1) }
      let denoiser = NetworkDenoiser(parameterization: parameterization) { image, times in
        #expect(try image.distance(to: sample(batch.input)) < 1e-9)
        #expect(try times.numbers() == sample(batch.times).numbers())
        return try sample(batch.target)
      }
      let denoised = try denoiser(sample(batch.noisy), at: level)
      // ε of almost pure noise is divided by α.
      #expect(try denoised.clean.distance(to: sample(clean)) < 1e-9 * max(1, level.ratio))
      let noise = try (sample(batch.noisy) - sample(clean) * level.alpha) * (1 / level.sigma)
      #expect(try denoised.noise.distance(to: noise) < 1e-6)
    }
  }

  /// The same weight of x₀'s error, whatever the network answers with: MSE(ε) = SNR MSE(x₀), MSE(v) = (SNR + 1) MSE(x₀).
  @Test(arguments: [LossWeight.minSNR(gamma: 5), .p2(k: 1, gamma: 0.5), .edm(sigmaData: 0.5)])
  func weightsDoNotDependOnTheParameterization(weight: LossWeight) throws {
    let schedule = try NoiseScheduleConfiguration.discrete(.init(shape: .linear)).schedule()
    for fraction in [0.01, 0.3, 0.6, 0.95] {
      let level = schedule.level(fraction: fraction)
      let onClean = weight.value(at: level, .x0)
      #expect(abs(weight.value(at: level, .epsilon) * level.snr / onClean - 1) < 1e-9)
      #expect(abs(weight.value(at: level, .v) * (level.snr + 1) / onClean - 1) < 1e-9)
    }
    // And so the loss of one error of x₀ is the same.
    let clean = try Tensor.normals(key: RandomKey(seed: 3), shape: [8, 4], type: .float64)
    let error = try Tensor.normals(key: RandomKey(seed: 4), shape: [8, 4], type: .float64) * 0.1
    let losses = try Self.parameterizations.map { parameterization in
      let objective = try DiffusionObjective(
        DiffusionConfiguration(parameterization: parameterization, lossWeight: weight), schedule: schedule)
      let batch = try objective.batch(clean, key: RandomKey(seed: 5))
      let scales = batch.levels.map { 1 / parameterization.cleanErrorScale(at: $0) }
      let answer = try batch.target + error * Tensor(scales, shape: [8, 1])
      return try objective.losses(answer, for: batch).numbers()
    }
    for other in losses.dropFirst() {
      for (a, b) in zip(losses[0], other) { #expect(abs(a / b - 1) < 1e-6) }
    }
  }

  /// EDM's weight makes the loss of its network's answer a plain mean (Karras et al. 2022, appendix B.6).
  @Test func theWeightOfEDMIsOneOnItsAnswer() throws {
    let schedule = try KarrasSchedule(.init())
    for ratio in [0.01, 0.5, 3, 70] {
      let level = schedule.level(ratio: ratio)
      #expect(abs(LossWeight.edm(sigmaData: 0.5).value(at: level, .edm(sigmaData: 0.5)) - 1) < 1e-12)
    }
  }

  /// A sample's noise is its own, and levels follow the schedule's distribution.
  @Test func noiseBelongsToTheSample() throws {
    let objective = try DiffusionObjective(DiffusionConfiguration(schedule: .karras(.init())))
    let clean = try Tensor.normals(key: RandomKey(seed: 6), shape: [400, 2], type: .float64)
    let whole = try objective.batch(clean, key: RandomKey(seed: 7))
    let half = try objective.batch(clean.narrowed(start: 0, length: 200), key: RandomKey(seed: 7))
    #expect(try whole.input.narrowed(start: 0, length: 200).numbers() == half.input.numbers())
    #expect(try objective.batch(clean, key: RandomKey(seed: 8)).input.numbers() != whole.input.numbers())
    let logs = whole.levels.map { log($0.ratio) }
    let mean = logs.reduce(0, +) / 400
    let deviation = (logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400).squareRoot()
    #expect(abs(mean + 1.2) < 4 * 1.2 / 20 && abs(deviation - 1.2) < 4 * 1.2 / 28)
  }

  /// Each term of the bound is a Kullback–Leibler divergence, here integrated numerically.
  @Test func theTermsOfTheBoundAreIntegrals() throws {
    let schedule = try DiscreteSchedule(betas: [0.01, 0.05, 0.2, 0.4])
    func scalar(_ value: Double) throws -> Tensor { try .full(value, shape: [1, 1], type: .float64) }
    let (clean, estimate, x, place) = (9.0 / 255, -0.2, 0.3, 0.3)
    for timestep in 1..<4 {
      let step = Interval(from: schedule.level(timestep: timestep), to: schedule.level(timestep: timestep - 1))
      let term = try step.boundTerm(
        noisy: scalar(x), clean: scalar(clean), estimate: scalar(estimate), variance: scalar(place)
      ).scalar()
      func mean(_ clean: Double) -> Double {
        let variance = step.from.sigma * step.from.sigma
        return step.to.alpha * step.addedVariance / variance * clean
          + step.decay * step.to.sigma * step.to.sigma / variance * x
      }
      let share = (place + 1) / 2
      let variance = pow(step.addedVariance, share) * pow(step.posteriorVariance, 1 - share)
      let exact = integral(-3...3, count: 20_000) { y in
        let q = normalDensity(y, mean: mean(clean), variance: step.posteriorVariance)
        guard q > 1e-300 else { return 0 }
        let exponent = (y - mean(estimate)) * (y - mean(estimate)) / (2 * variance)
        return q * (log(q) + exponent + log(2 * .pi * variance) / 2) / log(2.0)
      }
      #expect(abs(term - exact) < 1e-6)
    }
    // The decoder: the probability of the image's own bin.
    let last = Interval(from: schedule.level(timestep: 0), to: .clean)
    let deviation = last.addedVariance.squareRoot()
    for (value, range) in [(clean, (8.0 / 255)...(10.0 / 255)), (-1, -9...(-254.0 / 255)), (1, (254.0 / 255)...9)] {
      let term = try last.boundTerm(
        noisy: scalar(x), clean: scalar(value), estimate: scalar(value - 0.05), variance: scalar(1)
      ).scalar()
      let exact = -log2(
        integral(range, count: 20_000) { normalDensity($0, mean: value - 0.05, variance: deviation * deviation) })
      #expect(abs(term - exact) < 0.005)
    }
    let end = schedule.level(timestep: 3)
    let prior = integral(-12...12, count: 20_000) { y in
      let q = normalDensity(y, mean: end.alpha * 0.4, variance: end.sigma * end.sigma)
      return q > 0 ? q * log2(q / normalDensity(y, mean: 0, variance: 1)) : 0
    }
    #expect(abs(try end.priorTerm(scalar(0.4)).scalar() - prior) < 1e-6)
  }

  /// The whole bound lies above the −log₂ p(x₀) of the chain itself, integrated on a grid, and not far above.
  @Test func theBoundHolds() throws {
    let schedule = try DiscreteSchedule(betas: [0.004, 0.05, 0.2, 0.5, 0.8])
    let data = try gaussian(variance: 0.2)
    let grid = (0...1200).map { -6 + Double($0) * 0.01 }
    func column(_ values: [Double]) throws -> Tensor { try Tensor(values, shape: [values.count, 1]) }
    let zeros = try column([Double](repeating: 0, count: grid.count))
    let clean = 31.0 / 255
    // Backwards through the chain from the prior: the density of each x_t, then of the image's bin.
    var density = grid.map { normalDensity($0, mean: 0, variance: 1) }
    var bound = 0.0
    var probability = 0.0
    for timestep in (0..<5).reversed() {
      let step = Interval(from: schedule.level(timestep: timestep), to: schedule.level(timestep: timestep - 1))
      let estimate = try data(column(grid), at: step.from).clean
      // Halfway between the bounds; at the end the posterior has no variance, and the step's own is used.
      let place = timestep == 0 ? 1.0 : 0
      let terms = try step.boundTerm(
        noisy: column(grid), clean: zeros + clean, estimate: estimate, variance: zeros + place
      ).numbers()
      let weights = grid.map {
        0.01 * normalDensity($0, mean: step.from.alpha * clean, variance: step.from.sigma * step.from.sigma)
      }
      bound += zip(weights, terms).reduce(0) { $0 + $1.0 * $1.1 }
      let variance = timestep == 0 ? step.addedVariance : (step.addedVariance * step.posteriorVariance).squareRoot()
      let ratio = step.from.sigma * step.from.sigma
      let means = zip(grid, try estimate.numbers()).map { x, clean in
        step.to.alpha * step.addedVariance / ratio * clean + step.decay * step.to.sigma * step.to.sigma / ratio * x
      }
      if timestep == 0 {
        for (mean, share) in zip(means, density) {
          func below(_ edge: Double) -> Double { erfc((mean - edge) / (2 * variance).squareRoot()) / 2 }
          probability += 0.01 * share * (below(clean + 1 / 255) - below(clean - 1 / 255))
        }
      } else {
        density = grid.map { y in
          zip(means, density).reduce(0) { $0 + 0.01 * $1.1 * normalDensity(y, mean: $1.0, variance: variance) }
        }
      }
    }
    bound += try schedule.level(timestep: 4).priorTerm(column([clean])).scalar()
    #expect(bound > -log2(probability) - 1e-3)
    #expect(bound < -log2(probability) + 1.5)
  }

  /// The bound's gradient trains the variance and leaves the prediction to the squared error.
  @Test func theBoundTrainsTheVarianceAlone() throws {
    let configuration = DiffusionConfiguration(
      schedule: .discrete(.init(timesteps: 10)), parameterization: .epsilon, learnsVariance: true, boundWeight: 1)
    let objective = try DiffusionObjective(configuration)
    let clean = try Tensor.normals(key: RandomKey(seed: 1), shape: [6, 2, 2, 2], type: .float64) * 0.3
    let noise = try Tensor.normals(key: RandomKey(seed: 2), shape: clean.shape, type: .float64)
    let levels = try (1...6).map { try DiscreteSchedule(.init(timesteps: 10)).level(timestep: $0) }
    let batch = try objective.batch(clean, noise: noise, levels: levels)
    let variance = try Tensor.full(0.1, shape: clean.shape, type: .float64)
    let prediction = try batch.target + 0
    let answer = try Tensor.concatenated([prediction, variance], along: 1).tracked()
    let slope = try gradient(of: objective.losses(answer, for: batch).sum(), withRespectTo: [answer])[0]
    #expect(try slope.narrowed(dimension: 1, start: 0, length: 2).abs().maximum().scalar() < 1e-12)
    #expect(try slope.narrowed(dimension: 1, start: 2, length: 2).abs().minimum().scalar() > 0)
  }
}
