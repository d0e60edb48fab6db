/// How a trained model is sampled.
public struct SamplingConfiguration: Equatable, Sendable {
  /// The method.
  public var solver: SolverConfiguration
  /// Steps from noise to image; some methods ask the network more than once a step.
  public var steps: Int
  /// Which noise levels the steps visit.
  public var spacing: SpacingConfiguration
  /// How strongly the condition is followed.
  public var guidance: GuidanceConfiguration
  /// What is done to estimates of the clean image that leave −1...1.
  public var threshold: ThresholdConfiguration

  public init(
    solver: SolverConfiguration = .dpmSolver(DPMSolverConfiguration()), steps: Int = 30,
    spacing: SpacingConfiguration = SpacingConfiguration(), guidance: GuidanceConfiguration = GuidanceConfiguration(),
    threshold: ThresholdConfiguration = ThresholdConfiguration()
  ) {
    self.solver = solver
    self.steps = steps
    self.spacing = spacing
    self.guidance = guidance
    self.threshold = threshold
  }
}

/// Which noise levels a solver visits.
public struct SpacingConfiguration: Equatable, Sendable {
  /// Timesteps out of T (Lin et al. 2024, table 2).
  public enum Timesteps: String, CaseIterable, Sendable {
    /// 0, T/N, 2T/N, …: begins with noise that is not quite the last level's.
    case leading
    /// …, T − T/N − 1, T − 1: begins at the last level.
    case trailing
    /// Evenly from 0 to T − 1.
    case linspace
  }

  /// How σ falls between its largest and smallest value, for solvers in σ.
  public enum Sigmas: Equatable, Sendable {
    /// As the chosen timesteps have it.
    case timesteps
    /// σ^(1/ρ) falls linearly (Karras et al. 2022, eq. 5).
    case karras(rho: Double)
    /// ln σ falls linearly.
    case exponential
  }

  /// Where the last step ends.
  public enum Final: String, CaseIterable, Sendable {
    /// At the clean image.
    case zero
    /// At the schedule's least noise.
    case sigmaMin
  }

  /// What the network of a chain is told for a σ between timesteps.
  public enum Rounding: String, CaseIterable, Sendable {
    /// The place between them.
    case exact
    /// The nearest timestep.
    case nearest
    /// The timestep below.
    case down
  }

  /// Timesteps out of T.
  public var timesteps: Timesteps
  /// Added to each timestep of `leading`.
  public var offset: Int
  /// How σ falls.
  public var sigmas: Sigmas
  /// What the network is told for a σ between timesteps.
  public var rounding: Rounding
  /// Where the last step ends.
  public var final: Final
  /// Timesteps of a chain beyond this σ / α are left out by `dpmSolver`, which divides by α; schedules that end in almost
  /// pure noise want about 160.
  public var sigmaMax: Double

  public init(
    timesteps: Timesteps = .trailing, offset: Int = 0, sigmas: Sigmas = .timesteps, rounding: Rounding = .exact,
    final: Final = .zero, sigmaMax: Double = .infinity
  ) {
    self.sigmaMax = sigmaMax
    self.rounding = rounding
    self.timesteps = timesteps
    self.offset = offset
    self.sigmas = sigmas
    self.final = final
  }
}

/// Classifier-free guidance: unconditional + scale (conditional − unconditional) (Ho & Salimans 2021).
public struct GuidanceConfiguration: Equatable, Sendable {
  /// 0 ignores the condition, 1 follows it as trained, more exaggerates it.
  public var scale: Double
  /// Share φ in 0...1 of the result that is scaled back to the conditional prediction's standard deviation (Lin et al. 2024).
  public var rescale: Double
  /// Values of σ / α at which guidance acts; elsewhere the condition is followed as trained (Kynkäänniemi et al. 2024).
  public var interval: ClosedRange<Double>

  public init(scale: Double = 1, rescale: Double = 0, interval: ClosedRange<Double> = 0...Double.infinity) {
    self.scale = scale
    self.rescale = rescale
    self.interval = interval
  }
}

/// What is done to estimates of the clean image that leave −1...1.
public struct ThresholdConfiguration: Equatable, Sendable {
  /// Where estimates are cut off.
  public enum Bound: Equatable, Sendable {
    /// Nowhere.
    case none
    /// At ±limit.
    case fixed(limit: Double)
    /// At s, the given quantile of |x₀| of each image within 1...maximum; then all is divided by s (Saharia et al. 2022).
    case dynamic(quantile: Double, maximum: Double)
  }

  /// Where estimates are cut off.
  public var bound: Bound
  /// Whether the estimate of the noise stays as it was instead of following from the image that was cut off; it matters to
  /// DDIM.
  public var keepsNoise: Bool

  public init(_ bound: Bound = .none, keepsNoise: Bool = false) {
    self.bound = bound
    self.keepsNoise = keepsNoise
  }
}
