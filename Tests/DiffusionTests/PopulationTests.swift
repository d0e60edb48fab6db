import Diffusion
import Foundation
import Specification
import Tensors
import Testing

/// Every solver must end in the population whose exact denoiser it was given.
@Suite struct PopulationTests {
  private static let chain = NoiseScheduleConfiguration.discrete(
    DiscreteScheduleConfiguration(shape: .linear, timesteps: 1000))
  private static let churn = SolverConfiguration.Churn(amount: 20, sigmas: 0.05...20)

  /// A solver, a schedule, and steps enough to hide the error of the discretisation behind the scatter of 4000 draws.
  static let cases: [(SolverConfiguration, NoiseScheduleConfiguration, steps: Int, karras: Bool)] = [
    (.ddpm(.fixedSmall), chain, 500, false), (.ddpm(.fixedLarge), .logSNR(.linear), 500, false),
    (.ddim(eta: 0), chain, 200, false), (.ddim(eta: 1), .logSNR(.cosine), 500, false),
    (.euler(.init()), .karras(.init()), 300, true), (.euler(churn), .karras(.init()), 300, true),
    (.eulerAncestral(eta: 1), chain, 300, true), (.eulerAncestral(eta: 0.5), .karras(.init()), 300, true),
    (.heun(.init()), .karras(.init()), 40, true), (.heun(churn), chain, 100, true),
    (.dpmSolver(.init(order: 1)), chain, 200, false), (.dpmSolver(.init()), chain, 60, true),
    (.dpmSolver(.init(order: 3)), .karras(.init()), 60, true),
    (.dpmSolver(.init(isStochastic: true)), chain, 150, true),
    (.dpmSolver(.init(form: .singlestep)), chain, 80, true),
    (.dpmSolver(.init(order: 3, form: .singlestep)), .logSNR(.cosine), 90, true),
    (.dpmSolver(.init(prediction: .noise)), chain, 100, true),
    (.eulerMaruyama, .sde(.vp(betaMin: 0.1, betaMax: 20)), 1000, false),
    (.eulerMaruyama, .sde(.subVP(betaMin: 0.1, betaMax: 20)), 1000, false),
    (.eulerMaruyama, .sde(.ve(sigmaMin: 0.01, sigmaMax: 20)), 1000, false),
    (.predictorCorrector(.init(stepSize: .batch)), .sde(.ve(sigmaMin: 0.01, sigmaMax: 20)), 300, false),
    (.predictorCorrector(.init(stepSize: .batch)), chain, 300, false),
  ]

  @Test(arguments: cases)
  func theMixtureComesOut(
    solver: SolverConfiguration, schedule: NoiseScheduleConfiguration, steps: Int, karras: Bool
  ) throws {
    var configuration = SamplingConfiguration(solver: solver, steps: steps)
    if karras { configuration.spacing.sigmas = .karras(rho: 7) }
    if case .dpmSolver(let dpm) = solver, dpm.prediction == .noise { configuration.spacing.final = .sigmaMin }
    let made = try configuration.solver(for: schedule.schedule())
    let (clouds, count) = (try Clouds(), 4000)
    let noise = BatchNoise(key: RandomKey(seed: 7))
    var state = try made.initialState(noise.normals(shape: [count, 2], type: .float64, step: -1, draw: 0))
    let points = try made.finish(&state, denoiser: clouds.denoiser, noise: noise).numbers()
    expectPopulation(stride(from: 0, to: points.count, by: 2).map { [points[$0], points[$0 + 1]] }, clouds)
  }

  private func expectPopulation(_ points: [[Double]], _ clouds: Clouds) {
    let count = Double(points.count)
    var shares = [Double](repeating: 0, count: 3)
    for point in points {
      let distances = clouds.means.map { pow($0[0] - point[0], 2) + pow($0[1] - point[1], 2) }
      shares[distances.indices.min { distances[$0] < distances[$1] } ?? 0] += 1
    }
    let chiSquare = zip(shares, clouds.weights).reduce(0) { $0 + pow($1.0 - $1.1 * count, 2) / ($1.1 * count) }
    // Two degrees of freedom: P(χ² > 13.8) = 0.001.
    #expect(chiSquare < 13.8)
    let mean = (0..<2).map { axis in points.reduce(0) { $0 + $1[axis] } / count }
    for axis in 0..<2 {
      let error = (clouds.covariance[axis][axis] / count).squareRoot()
      #expect(abs(mean[axis] - clouds.mean[axis]) < 4 * error)
    }
    for (i, j) in [(0, 0), (0, 1), (1, 1)] {
      let products = points.map { ($0[i] - mean[i]) * ($0[j] - mean[j]) }
      let covariance = products.reduce(0, +) / count
      let spread = products.reduce(0) { $0 + pow($1 - covariance, 2) } / count
      #expect(abs(covariance - clouds.covariance[i][j]) < 4 * (spread / count).squareRoot())
    }
  }

  /// Samplers that add noise, at 1000 steps, on a Gaussian: the variance of a linear chain has no scatter.
  static let stochastic: [(SolverConfiguration, NoiseScheduleConfiguration, karras: Bool)] = [
    (.ddpm(.fixedSmall), .discrete(.init()), false), (.ddpm(.fixedLarge), chain, false),
    (.ddim(eta: 1), .discrete(.init()), false), (.ddim(eta: 0.5), .logSNR(.cosine), false),
    (.eulerAncestral(eta: 1), .karras(.init(sigmaMin: 0.02, sigmaMax: 20)), true),
    (.euler(.init(amount: 5)), .karras(.init(sigmaMin: 0.02, sigmaMax: 20)), true),
    (.heun(.init(amount: 80)), .karras(.init()), true),
    (.dpmSolver(.init(isStochastic: true)), chain, true),
    (.eulerMaruyama, .sde(.vp(betaMin: 0.1, betaMax: 20)), false),
    (.eulerMaruyama, .sde(.subVP(betaMin: 0.1, betaMax: 20)), false),
    (.predictorCorrector(.init(corrections: 0)), .sde(.ve(sigmaMin: 0.01, sigmaMax: 50)), false),
  ]

  @Test(arguments: stochastic)
  func noVarianceIsLost(solver: SolverConfiguration, schedule: NoiseScheduleConfiguration, karras: Bool) throws {
    var configuration = SamplingConfiguration(solver: solver, steps: 1000)
    if karras { configuration.spacing.sigmas = .karras(rho: 7) }
    let variance = 0.5
    let made = try configuration.solver(for: schedule.schedule())
    let reached = try Impulses.variance(of: made, gaussian(variance: variance))
    #expect(abs(reached / variance - 1) < 0.01, "variance \(reached)")
  }
}

/// One draw for the whole batch: faster than a draw for each image, where images are never looked at alone.
struct BatchNoise: NoiseSource {
  let key: RandomKey

  func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor {
    try .normals(key: key.folding(in: UInt64(step + 1)).folding(in: UInt64(draw)), shape: shape, type: type)
  }
}
