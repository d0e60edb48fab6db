/// Which MCMC transition a chain uses, with its settings.
public enum KernelConfiguration: Equatable, Sendable {
  case metropolis(MetropolisConfiguration)
  case hmc(HMCConfiguration)
  case nuts(NUTSConfiguration)
  case mclmc(MCLMCConfiguration)
  case mams(MAMSConfiguration)
}

/// Random-walk Metropolis–Hastings.
public struct MetropolisConfiguration: Equatable, Sendable {
  /// Acceptance rate the step size is tuned to; 0.234 is optimal in high dimension (Roberts et al. 1997).
  public var targetAcceptance: Double
  /// Standard deviation of a proposal before adaptation.
  public var initialStepSize: Double

  public init(targetAcceptance: Double = 0.234, initialStepSize: Double = 0.1) {
    self.targetAcceptance = targetAcceptance
    self.initialStepSize = initialStepSize
  }
}

/// Hamiltonian Monte Carlo with a fixed number of leapfrog steps.
public struct HMCConfiguration: Equatable, Sendable {
  /// Leapfrog steps of a trajectory.
  public var leapfrogSteps: Int
  /// Acceptance rate the step size is tuned to.
  public var targetAcceptance: Double
  /// Step size the search for a reasonable one starts at.
  public var initialStepSize: Double

  public init(leapfrogSteps: Int = 32, targetAcceptance: Double = 0.8, initialStepSize: Double = 0.1) {
    self.leapfrogSteps = leapfrogSteps
    self.targetAcceptance = targetAcceptance
    self.initialStepSize = initialStepSize
  }
}

/// The No-U-Turn sampler: multinomial trajectories with the generalised U-turn criterion.
public struct NUTSConfiguration: Equatable, Sendable {
  /// Doublings of a trajectory at most: up to 2^maxDepth − 1 leapfrog steps a draw.
  public var maxDepth: Int
  /// Acceptance statistic the step size is tuned to.
  public var targetAcceptance: Double
  /// Step size the search for a reasonable one starts at.
  public var initialStepSize: Double

  public init(maxDepth: Int = 10, targetAcceptance: Double = 0.8, initialStepSize: Double = 0.1) {
    self.maxDepth = maxDepth
    self.targetAcceptance = targetAcceptance
    self.initialStepSize = initialStepSize
  }
}

/// How a step of microcanonical dynamics is put together.
public enum MicrocanonicalIntegrator: String, CaseIterable, Equatable, Sendable {
  /// One gradient a step.
  case leapfrog
  /// Two gradients a step, and about a third of the error of two leapfrog steps (McLachlan 1995).
  case minimalNorm
}

/// Microcanonical Langevin Monte Carlo, without a Metropolis test.
public struct MCLMCConfiguration: Equatable, Sendable {
  /// Variance of a step's energy error, per dimension, that the step size is tuned to: it bounds the bias.
  public var energyVariance: Double
  /// The same at the start of warm-up, from where it falls; nil if it is the same all along.
  public var initialEnergyVariance: Double?
  /// The integrator of a step.
  public var integrator: MicrocanonicalIntegrator
  /// Step size that tuning starts at; nil is a quarter of √dimensions.
  public var initialStepSize: Double?

  public init(
    energyVariance: Double = 5e-4, initialEnergyVariance: Double? = nil,
    integrator: MicrocanonicalIntegrator = .minimalNorm, initialStepSize: Double? = nil
  ) {
    self.energyVariance = energyVariance
    self.initialEnergyVariance = initialEnergyVariance
    self.integrator = integrator
    self.initialStepSize = initialStepSize
  }
}

/// The Metropolis-adjusted microcanonical sampler.
public struct MAMSConfiguration: Equatable, Sendable {
  /// Acceptance rate the step size is tuned to.
  public var targetAcceptance: Double
  /// The integrator of a step.
  public var integrator: MicrocanonicalIntegrator
  /// Step size the search for a reasonable one starts at; nil is a quarter of √dimensions.
  public var initialStepSize: Double?

  public init(
    targetAcceptance: Double = 0.9, integrator: MicrocanonicalIntegrator = .minimalNorm, initialStepSize: Double? = nil
  ) {
    self.targetAcceptance = targetAcceptance
    self.integrator = integrator
    self.initialStepSize = initialStepSize
  }
}
