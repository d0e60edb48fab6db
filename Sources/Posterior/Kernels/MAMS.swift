import Foundation
import Specification
import Tensors

/// The Metropolis-adjusted microcanonical sampler: isokinetic trajectories of random length, whose end is taken or not.
///
/// Draw u uniformly on the sphere; follow the isokinetic dynamics for n steps, n = ⌈s U⌉ with U uniform in (0, 1) and s such
/// that n ε has the mean L; accept with probability min(1, e^(E − E')). A random length meets no period of the posterior.
/// Source: Robnik, Cohn-Gordon & Seljak, "Metropolis adjusted microcanonical Hamiltonian Monte Carlo", arXiv:2503.01707
/// (2025).
public struct MAMS: TunableKernel {
  /// The position, its density and gradient, and the direction of motion.
  public typealias State = MicrocanonicalState

  /// What a step reports.
  public struct Info: KernelInfo {
    /// min(1, e^(E − E')).
    public let acceptanceRate: Double
    /// Whether the end of the trajectory was taken.
    public let isAccepted: Bool
    /// Whether the energy grew by more than 1000.
    public let isDivergent: Bool
    /// Gradients of the trajectory.
    public let steps: Int
    /// E' − E between the trajectory's ends.
    public let energyError: Double
    /// L, the mean length of a trajectory.
    public let length: Double
    /// `acceptance_rate`, `accepted`, `n_steps`, `diverging`, `energy_error`, `trajectory_length`.
    public var statistics: [SampleStatistic] {
      [
        SampleStatistic("acceptance_rate", .real(acceptanceRate)), SampleStatistic("accepted", .truth(isAccepted)),
        SampleStatistic("n_steps", .integer(steps)), SampleStatistic("diverging", .truth(isDivergent)),
        SampleStatistic("energy_error", .real(energyError)), SampleStatistic("trajectory_length", .real(length)),
      ]
    }
  }

  /// Steps of a trajectory at most, as many as a tree of depth 10 has.
  static let stepsMax = 1024.0
  /// Hoffman and Gelman's.
  public static let gain = DualAveraging.Gain.hamiltonian
  /// The step size ε, relative to the scales.
  public var stepSize: Double
  /// L, the mean length of a trajectory, relative to the scales.
  public var length: Double
  /// The acceptance rate that warm-up aims at.
  public let targetAcceptance: Double
  /// The dynamics, with the variances that warm-up learns.
  public var dynamics: IsokineticDynamics

  /// Estimated variance of every coordinate.
  public var variances: [Double] {
    get { dynamics.variances }
    set { dynamics.variances = newValue }
  }

  /// Makes the kernel of a density of two dimensions or more.
  public init(density: any LogDensity, configuration: MAMSConfiguration = MAMSConfiguration()) {
    dynamics = IsokineticDynamics(density: density, integrator: configuration.integrator)
    length = dynamics.extent
    stepSize = configuration.initialStepSize ?? dynamics.extent / 4
    targetAcceptance = configuration.targetAcceptance
  }

  /// The state at a position; one gradient.
  public func initialState(at position: [Double]) throws(PosteriorError) -> State { try dynamics.state(at: position) }

  /// One trajectory, whose end is taken or not. A trajectory that diverges ends there and is refused.
  public func step(_ state: inout State, key: RandomKey) throws(PosteriorError) -> Info {
    var end = state
    dynamics.refresh(&end.direction, key: key.purpose("direction"))
    let limit = Self.steps(mean: length / stepSize, uniform: key.purpose("length").uniform())
    var (steps, energyError) = (0, 0.0)
    while steps < limit && energyError <= Hamiltonian.divergenceThreshold {
      energyError += try dynamics.step(&end, stepSize: stepSize)
      steps += 1
    }
    let isDivergent = !(energyError <= Hamiltonian.divergenceThreshold)
    let acceptanceRate = isDivergent ? 0 : min(1, exp(-energyError))
    let isAccepted = key.purpose("acceptance").uniform() < acceptanceRate
    if isAccepted { state = end }
    return Info(
      acceptanceRate: acceptanceRate, isAccepted: isAccepted, isDivergent: isDivergent,
      steps: steps * dynamics.gradients, energyError: energyError, length: length)
  }

  /// n = ⌈s U⌉, whose mean is μ for s = k + x, k = ⌊2μ − 1⌋, x = k (μ − (k + 1) / 2) / (k + 1 − μ).
  package static func steps(mean: Double, uniform: Double) -> Int {
    let mu = min(max(mean, 1), stepsMax / 2)
    let k = (2 * mu - 1).rounded(.down)
    let s = k + k * (mu - (k + 1) / 2) / (k + 1 - mu)
    return max(1, Int((s * uniform).rounded(.up)))
  }

  /// A step size one step of which is accepted with probability about 0.8.
  /// - Throws: `PosteriorError` if there is none.
  public func reasonableStepSize(
    at state: State, variancesKnown: Bool, key: RandomKey
  ) throws(PosteriorError) -> Double {
    try Posterior.reasonableStepSize(from: stepSize, key: key) { stepSize, key throws(PosteriorError) in
      var end = state
      dynamics.refresh(&end.direction, key: key)
      return try dynamics.step(&end, stepSize: stepSize)
    }
  }
}
