import Foundation
import Posterior
import Specification
import Tensors
import Testing

@Suite struct MicrocanonicalTests {
  /// Ten correlated coordinates, x₀ = z₀, x_i = ½ x_{i−1} + (i + 1) z_i: scales from 1 to about 11.
  struct Walk: LogDensity {
    let dimensions = 10
    /// E[x_i²].
    let squares: [Double] = {
      var squares = [1.0]
      for i in 1..<10 {
        let scale = Double(i + 1)
        squares.append(squares[i - 1] / 4 + scale * scale)
      }
      return squares
    }()

    func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
      var value = 0.0
      for i in 0..<10 {
        let scale = Double(i + 1)
        let z = (position[i] - (i > 0 ? position[i - 1] / 2 : 0)) / scale
        value -= z * z / 2
        gradient[i] = -z / scale
        if i > 0 { gradient[i - 1] += z / scale / 2 }
      }
      return value
    }
  }

  /// A trajectory in coordinates that are scaled differently.
  func drift(_ integrator: MicrocanonicalIntegrator, steps: Int, stepSize: Double) throws -> (
    Double, MicrocanonicalState
  ) {
    var dynamics = IsokineticDynamics(density: Walk(), integrator: integrator)
    dynamics.variances = Walk().squares
    var state = try dynamics.state(at: RandomKey(seed: 3).normals(count: 10))
    dynamics.refresh(&state.direction, key: RandomKey(seed: 4))
    var (energy, largest) = (0.0, 0.0)
    for _ in 0..<steps {
      energy += try dynamics.step(&state, stepSize: stepSize)
      largest = max(largest, abs(energy))
    }
    return (largest, state)
  }

  @Test func energyErrorIsOfSecondOrderAndLeastWithMinimalNorm() throws {
    let errors = try [(100, 0.4), (200, 0.2), (400, 0.1)].map { try drift(.leapfrog, steps: $0.0, stepSize: $0.1).0 }
    #expect(abs(errors[0] / errors[1] - 4) < 0.4)
    #expect(abs(errors[1] / errors[2] - 4) < 0.1)
    // At the same number of gradients.
    #expect(try drift(.minimalNorm, steps: 100, stepSize: 0.4).0 < errors[1] / 2)
  }

  @Test(arguments: MicrocanonicalIntegrator.allCases)
  func speedStaysOneAndTimeCanBeReversed(integrator: MicrocanonicalIntegrator) throws {
    var dynamics = IsokineticDynamics(density: Walk(), integrator: integrator)
    dynamics.variances = Walk().squares
    var (_, state) = try drift(integrator, steps: 0, stepSize: 0.3)
    let start = state
    for _ in 0..<300 { _ = try dynamics.step(&state, stepSize: 0.3) }
    #expect(abs(squaredNorm(state.direction) - 1) < 1e-12)
    #expect(abs(state.position[0] - start.position[0]) > 0.1)
    for i in 0..<10 { state.direction[i] = -state.direction[i] }
    for _ in 0..<300 { _ = try dynamics.step(&state, stepSize: 0.3) }
    for i in 0..<10 { #expect(abs(state.position[i] - start.position[i]) < 1e-8) }
  }

  @Test func aRefreshmentForgetsTheDirectionOverItsLength() throws {
    let dynamics = IsokineticDynamics(density: Walk(), integrator: .leapfrog)
    let nu = (expm1(2 * 0.5) / 10).squareRoot()
    var state = try dynamics.state(at: RandomKey(seed: 3).normals(count: 10))
    var sum = 0.0
    for draw in 0..<4000 {
      state.direction = [1] + [Double](repeating: 0, count: 9)
      dynamics.refresh(&state, by: nu, key: RandomKey(seed: 5).folding(in: UInt64(draw)))
      sum += state.direction[0]
    }
    // e^(−ε/L) for ε/L = 0.5, up to 1/d.
    #expect(abs(sum / 4000 - exp(-0.5)) < 0.03)
  }

  @Test(arguments: [1, 1.3, 2.5, 7, 100.4])
  func theMeanNumberOfStepsIsAsAsked(mean: Double) {
    let uniforms = RandomKey(seed: 6).uniforms(count: 40_000)
    let counts = uniforms.map { Double(MAMS.steps(mean: mean, uniform: $0)) }
    #expect(abs(counts.reduce(0, +) / 40_000 / mean - 1) < 0.01)
    #expect(counts.allSatisfy { $0 >= 1 && $0 <= 2 * mean })
  }

  /// Second moments of a correlated Gaussian: exact with a Metropolis test, nearly without.
  @Test(arguments: [
    (KernelTests.microcanonical[1], 2000, 10_000, 0.08), (KernelTests.microcanonical[0], 4000, 60_000, 0.1),
  ])
  func reproducesSecondMoments(kernel: KernelConfiguration, warmUp: Int, draws: Int, tolerance: Double) throws {
    let density = Walk()
    var chain = try KernelTests.chain(density, kernel, warmUp: warmUp, seed: 1)
    var squares = [Double](repeating: 0, count: 10)
    for _ in 0..<(warmUp + draws) {
      if try !chain.advance().isWarmUp {
        for (i, x) in chain.position.enumerated() { squares[i] += x * x / Double(draws) }
      }
    }
    for (own, expected) in zip(squares, density.squares) { #expect(abs(own / expected - 1) < tolerance) }
    for (own, expected) in zip(chain.variances, density.squares) { #expect(abs(own / expected - 1) < 0.6) }
    #expect(chain.divergences == 0)
  }

  /// The energy error's variance per dimension after tuning is the target's, from wherever it fell.
  @Test(arguments: [nil, 0.3]) func theStepSizeMeetsTheEnergyVariance(initial: Double?) throws {
    let configuration = MCLMCConfiguration(energyVariance: 1e-3, initialEnergyVariance: initial)
    var chain = try KernelTests.chain(Walk(), .mclmc(configuration), warmUp: 3000)
    let infos = try (0..<9000).compactMap { _ in try chain.advance().info as? MCLMC.Info }
    func variance(_ infos: ArraySlice<MCLMC.Info>) -> Double {
      infos.reduce(0) { $0 + $1.energyError * $1.energyError } / Double(infos.count) / 10
    }
    // An early one is that of the first seventh of the fall, at a step size which is found by then.
    let (early, last) = (variance(infos[100..<300]), variance(infos[3000...]))
    #expect(last > 3e-4 && last < 3e-3)
    #expect(initial == nil ? early < 3e-3 : early > 0.03)
    #expect(infos[3000...].allSatisfy { $0.steps == 2 && $0.length == infos[3000].length })
  }

  @Test func aStepThatLeavesTheDensityIsTakenBack() throws {
    var kernel = MCLMC(density: Walk())
    kernel.stepSize = 1e200
    var state = try kernel.initialState(at: [Double](repeating: 1, count: 10))
    let info = try kernel.step(&state, key: RandomKey(seed: 7))
    #expect(info.isDivergent && info.steps == 3)
    #expect(state.position == [Double](repeating: 1, count: 10))
    #expect(try state.logDensity == Walk().value(at: state.position))
    #expect(abs(squaredNorm(state.direction) - 1) < 1e-12)
  }

  @Test func oneDimensionIsRefused() {
    let line = AutogradDensity(dimensions: 1) { try ($0 * $0 * -0.5).sum() }
    for kernel in KernelTests.microcanonical {
      #expect(throws: PosteriorError.self) { try KernelTests.chain(line, kernel, warmUp: 0) }
    }
  }
}

private func squaredNorm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }
