import Foundation
import Specification
import Tensors

/// The No-U-Turn sampler: a trajectory is doubled, forwards or backwards at random, until it turns back on itself.
///
/// The draw is taken from the trajectory's points with weights e^(−H): uniformly within a new half, with preference for the
/// new half between halves (biased progressive sampling). It turns where ρ · M⁻¹p ≤ 0 at either end, ρ the sum of its
/// momenta; the same is asked between each half and the first point of the other.
/// Source: Hoffman & Gelman, JMLR 15 (2014); Betancourt, "A conceptual introduction to HMC", arXiv:1701.02434 (2017),
/// appendix A.
public struct NUTS: HamiltonianKernel {
  /// The position, its density and its gradient.
  public typealias State = HamiltonianState

  /// What a step reports.
  public struct Info: KernelInfo {
    /// Mean of min(1, e^(H₀ − H)) over the trajectory's new points.
    public let acceptanceRate: Double
    /// Whether the draw differs from where the trajectory began.
    public let isAccepted: Bool
    /// Whether the energy grew by more than 1000 on the way.
    public let isDivergent: Bool
    /// Leapfrog steps, one gradient each.
    public let steps: Int
    /// Doublings.
    public let treeDepth: Int
    /// Whether the doublings ended at the maximum.
    public let reachedMaxDepth: Bool
    /// H of the new state.
    public let energy: Double
    /// H of the new state less H at the trajectory's start.
    public let energyError: Double
    /// `acceptance_rate`, `tree_depth`, `n_steps`, `diverging`, `reached_max_treedepth`, `energy`, `energy_error`.
    public var statistics: [SampleStatistic] {
      [
        SampleStatistic("acceptance_rate", .real(acceptanceRate)), SampleStatistic("tree_depth", .integer(treeDepth)),
        SampleStatistic("n_steps", .integer(steps)), SampleStatistic("diverging", .truth(isDivergent)),
        SampleStatistic("reached_max_treedepth", .truth(reachedMaxDepth)), SampleStatistic("energy", .real(energy)),
        SampleStatistic("energy_error", .real(energyError)),
      ]
    }
  }

  /// The leapfrog step ε.
  public var stepSize: Double
  /// Doublings of a trajectory at most.
  public let maxDepth: Int
  /// The acceptance statistic that warm-up aims at.
  public let targetAcceptance: Double
  /// The dynamics, with the variances that warm-up learns.
  public var hamiltonian: Hamiltonian
  private let memory: PhaseMemory

  /// Makes the kernel of a density.
  public init(density: any LogDensity, configuration: NUTSConfiguration = NUTSConfiguration()) {
    hamiltonian = Hamiltonian(density: density)
    memory = PhaseMemory(dimensions: density.dimensions)
    stepSize = configuration.initialStepSize
    maxDepth = configuration.maxDepth
    targetAcceptance = configuration.targetAcceptance
  }

  /// One trajectory and a draw from it.
  public func step(_ state: inout State, key: RandomKey) throws(PosteriorError) -> Info {
    let start = memory.point()
    hamiltonian.refresh(start, from: state, key: key.purpose("momentum"))
    var walk = Walk(
      hamiltonian: hamiltonian, memory: memory, stepSize: stepSize, initialEnergy: start.energy,
      key: key.purpose("tree"))
    var trajectory = Trajectory(of: start, logWeight: 0)
    var isAccepted = false
    var depth = 0
    while depth < maxDepth {
      let isForward = walk.uniform() < 0.5
      let end = isForward ? trajectory.last : trajectory.first
      guard var half = try walk.build(depth: depth, from: end, isForward: isForward) else { break }
      depth += 1
      if log(walk.uniform()) < half.logWeight - trajectory.logWeight {
        trajectory.proposal = half.proposal
        isAccepted = true
      }
      if trajectory.append(&half, isForward: isForward, variances: variances, memory: memory) { break }
    }
    state.copy(trajectory.proposal.state)
    let energy = trajectory.proposal.energy
    return Info(
      acceptanceRate: walk.acceptanceSum / Double(max(walk.steps, 1)), isAccepted: isAccepted,
      isDivergent: walk.isDivergent, steps: walk.steps, treeDepth: depth, reachedMaxDepth: depth == maxDepth,
      energy: energy, energyError: energy - walk.initialEnergy)
  }
}
