/// How noise grows with time: x = α x₀ + σ z, z standard normal.
public enum NoiseScheduleConfiguration: Equatable, Sendable {
  /// A chain of noise levels, one a timestep (Ho et al. 2020).
  case discrete(DiscreteScheduleConfiguration)
  /// The logarithm of the signal-to-noise ratio as a function of a time in 0...1 (Imagen).
  case logSNR(LogSNRScheduleConfiguration)
  /// Noise added to unscaled data, α = 1, with σ drawn from a log-normal in training (Karras et al. 2022).
  case karras(KarrasScheduleConfiguration)
  /// A stochastic differential equation on times 0...1 (Song et al. 2021).
  case sde(SDEConfiguration)
}

/// A noise schedule of T timesteps, given by the variances β of its single steps.
public struct DiscreteScheduleConfiguration: Equatable, Sendable {
  /// The formula of β.
  public enum Shape: String, CaseIterable, Sendable {
    /// β grows linearly (Ho et al. 2020).
    case linear
    /// √β grows linearly (Rombach et al. 2022).
    case scaledLinear
    /// ᾱ is a squared cosine, β at most 0.999 (Nichol & Dhariwal 2021).
    case cosine
    /// β is a logistic function on −6...6 (Xu et al. 2022).
    case sigmoid
  }

  /// The formula of β.
  public var shape: Shape
  /// T.
  public var timesteps: Int
  /// β of the first timestep; the cosine does not use it.
  public var betaStart: Double
  /// β of the last timestep; the cosine does not use it.
  public var betaEnd: Double
  /// Whether √ᾱ is shifted and scaled so that the last timestep is pure noise (Lin et al. 2024).
  public var zeroTerminalSNR: Bool

  public init(
    shape: Shape = .cosine, timesteps: Int = 1000, betaStart: Double = 1e-4, betaEnd: Double = 0.02,
    zeroTerminalSNR: Bool = false
  ) {
    self.shape = shape
    self.timesteps = timesteps
    self.betaStart = betaStart
    self.betaEnd = betaEnd
    self.zeroTerminalSNR = zeroTerminalSNR
  }
}

/// A variance-preserving schedule in continuous time, α² = sigmoid(log SNR).
public enum LogSNRScheduleConfiguration: String, CaseIterable, Sendable {
  /// −log(exp(10⁻⁴ + 10 t²) − 1).
  case linear
  /// −log(1 / cos²(π/2 (t + 0.008) / 1.008) − 1).
  case cosine
}

/// Noise of standard deviation σ on unscaled data (Karras et al. 2022, table 1).
public struct KarrasScheduleConfiguration: Equatable, Sendable {
  /// Least noise that sampling visits before the clean image.
  public var sigmaMin: Double
  /// Noise that sampling starts from.
  public var sigmaMax: Double
  /// Mean of ln σ in training.
  public var logMean: Double
  /// Standard deviation of ln σ in training.
  public var logDeviation: Double

  public init(
    sigmaMin: Double = 0.002, sigmaMax: Double = 80, logMean: Double = -1.2, logDeviation: Double = 1.2
  ) {
    self.sigmaMin = sigmaMin
    self.sigmaMax = sigmaMax
    self.logMean = logMean
    self.logDeviation = logDeviation
  }
}

/// The stochastic differential equations of Song et al. 2021.
public enum SDEConfiguration: Equatable, Sendable {
  /// Variance preserving: dx = −½ β x dt + √β dw, β linear in t.
  case vp(betaMin: Double, betaMax: Double)
  /// Variance exploding: σ geometric in t.
  case ve(sigmaMin: Double, sigmaMax: Double)
  /// As variance preserving, with σ = 1 − α².
  case subVP(betaMin: Double, betaMax: Double)
}
