import Foundation
import Specification
import Tensors

/// Microcanonical Langevin Monte Carlo: isokinetic dynamics with a little noise after every step, and no Metropolis test.
///
/// After a step of size ε the direction is refreshed in part, u ← (u + ν z) / |u + ν z| with ν = √((e^(2ε/L) − 1) / d), so
/// that it forgets itself over the length L. Nothing is rejected: the draws have a bias, which the variance of the energy
/// error per dimension bounds and to which warm-up tunes ε. A step from which there is no going on, where there is no
/// density or the energy jumps, is taken back and counted as a divergence; the next one goes in a fresh direction.
/// Source: Robnik & Seljak, "Fluctuation without dissipation: Microcanonical Langevin Monte Carlo", AABI 2024
/// (arXiv:2303.18221).
public struct MCLMC: Kernel {
  /// The position, its density and gradient, and the direction of motion.
  public typealias State = MicrocanonicalState

  /// What a step reports, in no more than three words: so many an `any KernelInfo` holds without asking for memory, and here an
  /// iteration is as short as a step.
  public struct Info: KernelInfo {
    /// Change of the energy; 0 but for the step's error.
    public let energyError: Double
    /// L at this step.
    public let length: Double
    private let gradients: Int32
    /// Whether the step was taken back.
    public let isDivergent: Bool

    init(energyError: Double, isDivergent: Bool, length: Double, steps: Int) {
      (self.energyError, self.isDivergent, self.length) = (energyError, isDivergent, length)
      gradients = Int32(steps)
    }

    /// Gradients of the step.
    public var steps: Int { Int(gradients) }
    /// 1 but for a divergence: there is no test.
    public var acceptanceRate: Double { isDivergent ? 0 : 1 }
    /// Whether the state moved.
    public var isAccepted: Bool { !isDivergent }
    /// `energy_error`, `trajectory_length`, `n_steps`, `diverging`.
    public var statistics: [SampleStatistic] {
      [
        SampleStatistic("energy_error", .real(energyError)), SampleStatistic("trajectory_length", .real(length)),
        SampleStatistic("n_steps", .integer(steps)), SampleStatistic("diverging", .truth(isDivergent)),
      ]
    }
  }

  /// The step size ε, relative to the scales.
  public var stepSize: Double
  /// L, over which the direction is forgotten, relative to the scales.
  public var length: Double
  /// Variance of the energy error per dimension that warm-up tunes the step size to, first and last.
  private let energyVariances: (initial: Double, final: Double)
  /// The dynamics, with the variances that warm-up learns.
  public var dynamics: IsokineticDynamics

  /// Makes the kernel of a density of two dimensions or more.
  public init(density: any LogDensity, configuration: MCLMCConfiguration = MCLMCConfiguration()) {
    dynamics = IsokineticDynamics(density: density, integrator: configuration.integrator)
    length = dynamics.extent
    stepSize = configuration.initialStepSize ?? dynamics.extent / 4
    energyVariances = (
      configuration.initialEnergyVariance ?? configuration.energyVariance, configuration.energyVariance
    )
  }

  /// The variance per dimension that the energy error of a step is to have at a share of the way to the last tuned step size.
  func energyVariance(at share: Double) -> Double {
    energyVariances.initial + (energyVariances.final - energyVariances.initial) * min(share, 1)
  }

  /// The state at a position; one gradient.
  public func initialState(at position: [Double]) throws(PosteriorError) -> State { try dynamics.state(at: position) }

  /// One step of the dynamics, and its noise.
  public func step(_ state: inout State, key: RandomKey) throws(PosteriorError) -> Info {
    copy(state.position, to: &state.origin)
    let energyError = try dynamics.step(&state, stepSize: stepSize)
    guard abs(energyError) <= Hamiltonian.divergenceThreshold else {
      state = try dynamics.state(at: state.origin)
      dynamics.refresh(&state.direction, key: key)
      return Info(energyError: energyError, isDivergent: true, length: length, steps: dynamics.gradients + 1)
    }
    let nu = (expm1(2 * stepSize / length) / Double(state.position.count)).squareRoot()
    dynamics.refresh(&state, by: nu, key: key)
    return Info(energyError: energyError, isDivergent: false, length: length, steps: dynamics.gradients)
  }
}
