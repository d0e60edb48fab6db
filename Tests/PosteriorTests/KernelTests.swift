import Foundation
import Posterior
import Specification
import Tensors
import Testing

/// What every kernel must do on the shared Gaussian scenario.
@Suite struct KernelTests {
  static let kernels: [KernelConfiguration] = [
    .metropolis(MetropolisConfiguration()), .hmc(HMCConfiguration(leapfrogSteps: 12)), .nuts(NUTSConfiguration()),
  ]

  static let microcanonical: [KernelConfiguration] = [.mclmc(MCLMCConfiguration()), .mams(MAMSConfiguration())]

  static func chain(
    _ density: any LogDensity, _ kernel: KernelConfiguration, warmUp: Int, seed: UInt64 = 0
  ) throws -> Chain {
    try Chain(
      density, kernel: kernel, warmUpIterations: warmUp, key: RandomKey(seed: seed),
      initialPosition: [Double](repeating: 0, count: density.dimensions))
  }

  /// Kernel, draws, evaluations by all iterations, and evaluations with the search for a step size. The last two are pinned:
  /// when they change, so did the draws.
  static let scenarios: [(KernelConfiguration, draws: Int, iterations: Int, evaluations: Int)] = [
    (kernels[0], 20_000, 20_500, 20_501), (kernels[1], 2000, 29_470, 29_485), (kernels[2], 2000, 20_184, 20_198),
  ]

  @Test(arguments: scenarios)
  func approachesTheGaussianByAFactorOfAHundred(
    kernel: KernelConfiguration, draws: Int, iterations: Int, evaluations: Int
  ) throws {
    let scenario = GaussianScenario()
    let density = Counting(scenario)
    var chain = try Self.chain(density, kernel, warmUp: 500)
    var positions: [[Double]] = []
    while positions.count < draws {
      if try !chain.advance().isWarmUp { positions.append(chain.position) }
    }
    let start = scenario.divergence(mean: [0, 0, 0], covariance: [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    let reached = scenario.divergence(ofDraws: positions)
    #expect(reached < start / 100)
    // As close as independent draws would come, with one in twenty of them effective: E KL = n (n + 3) / (4 S).
    #expect(reached < 18 / (4 * Double(draws) / 20))
    #expect(chain.evaluations == iterations)
    #expect(density.evaluations == evaluations)
    #expect(chain.divergences == 0)
  }

  @Test(arguments: kernels + microcanonical.suffix(1))
  func acceptanceMeetsItsTarget(kernel: KernelConfiguration) throws {
    var chain = try Self.chain(GaussianScenario(), kernel, warmUp: 1000)
    let rates = try (0..<3000).map { _ in try chain.advance().info.acceptanceRate }.suffix(2000)
    let target =
      switch kernel {
      case .metropolis(let configuration): configuration.targetAcceptance
      case .hmc(let configuration): configuration.targetAcceptance
      case .nuts(let configuration): configuration.targetAcceptance
      case .mams(let configuration): configuration.targetAcceptance
      case .mclmc: 1.0
      }
    // In few dimensions averaging log ε leaves acceptance above the target; without tuning it would be 0.8 or 1.
    #expect(abs(rates.reduce(0, +) / 2000 - target) < 0.17)
  }

  @Test func variancesAreLearnt() throws {
    var chain = try Self.chain(GaussianScenario(), .nuts(NUTSConfiguration()), warmUp: 1000)
    for _ in 0..<1000 { _ = try chain.advance() }
    for (variance, scale) in zip(chain.variances, GaussianScenario().scales) {
      #expect(abs(variance / (scale * scale) - 1) < 0.35)
    }
  }

  @Test func statisticsHaveTheNamesOfArviZ() throws {
    let common = ["lp", "step_size", "acceptance_rate"]
    let expected = [
      common + ["accepted"], common + ["accepted", "n_steps", "diverging", "energy", "energy_error"],
      common + ["tree_depth", "n_steps", "diverging", "reached_max_treedepth", "energy", "energy_error"],
      ["lp", "step_size", "energy_error", "trajectory_length", "n_steps", "diverging"],
      common + ["accepted", "n_steps", "diverging", "energy_error", "trajectory_length"],
    ]
    for (kernel, names) in zip(Self.kernels + Self.microcanonical, expected) {
      var chain = try Self.chain(GaussianScenario(), kernel, warmUp: 0)
      let transition = try chain.advance()
      #expect(transition.statistics.map(\.name) == names)
      #expect(transition.logDensity == chain.logDensity)
    }
  }

  @Test func nutsStopsAtItsMaximumDepth() throws {
    var chain = try Self.chain(
      GaussianScenario(), .nuts(NUTSConfiguration(maxDepth: 3, initialStepSize: 1e-4)), warmUp: 0)
    let info = try #require(try chain.advance().info as? NUTS.Info)
    #expect(info.steps == 7)
    #expect(info.treeDepth == 3)
    #expect(info.reachedMaxDepth)
  }

  @Test func aDivergenceIsCountedNotThrown() throws {
    for kernel: KernelConfiguration in [
      .hmc(HMCConfiguration(initialStepSize: 100)), .nuts(NUTSConfiguration(initialStepSize: 100)),
    ] {
      var chain = try Self.chain(GaussianScenario(), kernel, warmUp: 0)
      let info = try chain.advance().info
      #expect(info.isDivergent && !info.isAccepted && info.steps == 1)
      #expect(chain.divergences == 1)
      #expect(chain.position == [0, 0, 0])
    }
  }
}
