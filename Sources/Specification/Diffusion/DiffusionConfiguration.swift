/// What a diffusion model is trained to do: the noise it meets, what it predicts and how errors count.
public struct DiffusionConfiguration: Equatable, Sendable {
  /// How noise grows with time.
  public var schedule: NoiseScheduleConfiguration
  /// What the network's output stands for.
  public var parameterization: Parameterization
  /// Whether the network has twice the channels and also predicts the variance of a step (Nichol & Dhariwal 2021).
  public var learnsVariance: Bool
  /// How the squared error is weighted at each noise level.
  public var lossWeight: LossWeight
  /// Weight of the variational bound beside the squared error where the variance is learnt.
  public var boundWeight: Double

  public init(
    schedule: NoiseScheduleConfiguration = .discrete(DiscreteScheduleConfiguration()),
    parameterization: Parameterization = .v, learnsVariance: Bool = false, lossWeight: LossWeight = .simple,
    boundWeight: Double = 0.001
  ) {
    self.schedule = schedule
    self.parameterization = parameterization
    self.learnsVariance = learnsVariance
    self.lossWeight = lossWeight
    self.boundWeight = boundWeight
  }
}

/// What a network's output stands for, given x = α x₀ + σ z with α² + σ² = 1.
public enum Parameterization: Equatable, Sendable {
  /// The noise z (Ho et al. 2020).
  case epsilon
  /// The clean image x₀.
  case x0
  /// The velocity α z − σ x₀ (Salimans & Ho 2022).
  case v
  /// x₀ = c_skip x + c_out F(c_in x), for data of this standard deviation (Karras et al. 2022, table 1).
  case edm(sigmaData: Double)
}

/// How much the squared error of a noise level counts; SNR = α² / σ².
public enum LossWeight: Equatable, Sendable {
  /// 1 on the network's own output (Ho et al. 2020, L_simple).
  case simple
  /// min(SNR, γ) on the error of x₀ (Hang et al. 2023).
  case minSNR(gamma: Double)
  /// 1 / (k + SNR)^γ on the error of z (Choi et al. 2022).
  case p2(k: Double, gamma: Double)
  /// (σ² + σ_data²) / (σ σ_data)² on the error of x₀, σ relative to α (Karras et al. 2022).
  case edm(sigmaData: Double)
}

/// Noise on the low-resolution input of a super-resolution stage, x = cos(π/2 s) x + sin(π/2 s) z at level s, so that the
/// stage learns not to trust it too far (Ho et al. 2022, conditioning augmentation). The network is told s.
public struct ConditioningNoiseConfiguration: Equatable, Sendable {
  /// Levels that training draws from, uniformly.
  public var training: ClosedRange<Double>
  /// The level of sampling.
  public var sampling: Double

  public init(training: ClosedRange<Double> = 0...1, sampling: Double = 0.2) {
    self.training = training
    self.sampling = sampling
  }
}
