/// Which MCMC transition a chain uses, with its settings.
public enum KernelConfiguration: Equatable, Sendable {
  case metropolis(MetropolisConfiguration)
  case hmc(HMCConfiguration)
  case nuts(NUTSConfiguration)
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
