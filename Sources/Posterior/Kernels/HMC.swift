import Foundation
import Specification
import Tensors

/// Hamiltonian Monte Carlo with a fixed number of leapfrog steps.
///
/// Draw p ~ N(0, M); follow the Hamiltonian flow by L leapfrog steps; accept with probability min(1, e^(H − H')).
/// The step of a trajectory is uniform within ±20 % of ε: a fixed length L ε that meets a period of the posterior would
/// return to where it began (Neal 2011, "Tuning HMC").
/// Source: Duane et al., Phys. Lett. B 195 (1987); Neal, "MCMC using Hamiltonian dynamics", Handbook of MCMC (2011).
public struct HMC: HamiltonianKernel {
  /// The position, its density and its gradient.
  public typealias State = HamiltonianState

  /// What a step reports.
  public struct Info: KernelInfo {
    /// min(1, e^(H − H')).
    public let acceptanceRate: Double
    /// Whether the end of the trajectory was taken.
    public let isAccepted: Bool
    /// Whether the energy grew by more than 1000.
    public let isDivergent: Bool
    /// Leapfrog steps, one gradient each.
    public let steps: Int
    /// H of the new state.
    public let energy: Double
    /// H' − H between the trajectory's ends.
    public let energyError: Double
    /// `acceptance_rate`, `accepted`, `n_steps`, `diverging`, `energy`, `energy_error`.
    public var statistics: [SampleStatistic] {
      [
        SampleStatistic("acceptance_rate", .real(acceptanceRate)), SampleStatistic("accepted", .truth(isAccepted)),
        SampleStatistic("n_steps", .integer(steps)), SampleStatistic("diverging", .truth(isDivergent)),
        SampleStatistic("energy", .real(energy)), SampleStatistic("energy_error", .real(energyError)),
      ]
    }
  }

  /// The mean leapfrog step ε.
  public var stepSize: Double
  /// Leapfrog steps of a trajectory.
  public let leapfrogSteps: Int
  /// The acceptance rate that warm-up aims at.
  public let targetAcceptance: Double
  /// The dynamics, with the variances that warm-up learns.
  public var hamiltonian: Hamiltonian
  private let memory: PhaseMemory

  /// Makes the kernel of a density.
  public init(density: any LogDensity, configuration: HMCConfiguration = HMCConfiguration()) {
    hamiltonian = Hamiltonian(density: density)
    memory = PhaseMemory(dimensions: density.dimensions)
    stepSize = configuration.initialStepSize
    leapfrogSteps = configuration.leapfrogSteps
    targetAcceptance = configuration.targetAcceptance
  }

  /// One trajectory, whose end is taken or not. A trajectory that diverges ends there and is refused.
  public func step(_ state: inout State, key: RandomKey) throws(PosteriorError) -> Info {
    var (point, next) = (memory.point(), memory.point())
    hamiltonian.refresh(point, from: state, key: key.purpose("momentum"))
    let initialEnergy = point.energy
    let stepSize = stepSize * (0.8 + 0.4 * key.purpose("step size").uniform())
    var steps = 0
    var energyError = 0.0
    while steps < leapfrogSteps && energyError <= Hamiltonian.divergenceThreshold {
      try hamiltonian.leapfrog(from: point, to: next, stepSize: stepSize)
      swap(&point, &next)
      energyError = point.energy - initialEnergy
      steps += 1
    }
    let isDivergent = energyError > Hamiltonian.divergenceThreshold
    let acceptanceRate = isDivergent ? 0 : min(1, exp(-energyError))
    let isAccepted = key.purpose("acceptance").uniform() < acceptanceRate
    if isAccepted { state.copy(point.state) }
    return Info(
      acceptanceRate: acceptanceRate, isAccepted: isAccepted, isDivergent: isDivergent, steps: steps,
      energy: isAccepted ? initialEnergy + energyError : initialEnergy, energyError: energyError)
  }
}
