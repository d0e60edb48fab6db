/// Which method goes from noise to image.
public enum SolverConfiguration: Equatable, Sendable {
  /// Ancestral sampling of the chain (Ho et al. 2020).
  case ddpm(StepVariance)
  /// Denoising diffusion implicit models; η = 0 adds no noise, η = 1 as much as `ddpm` (Song et al. 2021).
  case ddim(eta: Double)
  /// Euler's method in σ.
  case euler(Churn)
  /// Euler's method to a smaller σ, then fresh noise.
  case eulerAncestral(eta: Double)
  /// Heun's second-order method in σ (Karras et al. 2022, algorithms 1 and 2).
  case heun(Churn)
  /// DPM-Solver and DPM-Solver++ (Lu et al. 2022).
  case dpmSolver(DPMSolverConfiguration)
  /// Euler–Maruyama on the reverse stochastic differential equation (Song et al. 2021).
  case eulerMaruyama
  /// Reverse diffusion, each step after `corrections` steps of Langevin dynamics (Song et al. 2021, algorithms 2 and 3).
  case predictorCorrector(PredictorCorrectorConfiguration)

  /// The variance of a step of ancestral sampling.
  public enum StepVariance: String, CaseIterable, Sendable {
    /// That of the posterior q(x_s | x_t, x₀), right for data that are one point.
    case fixedSmall
    /// That of the forward step q(x_t | x_s), right for data that are unit noise.
    case fixedLarge
    /// Between the two, as the network says.
    case learnedRange
  }

  /// Noise added before a deterministic step, to forget errors (Karras et al. 2022, algorithm 2).
  public struct Churn: Equatable, Sendable {
    /// Total amount over all steps, S_churn; 0 adds none.
    public var amount: Double
    /// Where it is added: σ between S_tmin and S_tmax.
    public var sigmas: ClosedRange<Double>
    /// Its standard deviation, S_noise.
    public var noise: Double

    public init(amount: Double = 0, sigmas: ClosedRange<Double> = 0...Double.infinity, noise: Double = 1) {
      self.amount = amount
      self.sigmas = sigmas
      self.noise = noise
    }
  }
}

/// DPM-Solver: an exponential integrator in the logarithm of α / σ.
public struct DPMSolverConfiguration: Equatable, Sendable {
  /// Which prediction is held constant or extrapolated over a step.
  public enum Prediction: String, CaseIterable, Sendable {
    /// The clean image: DPM-Solver++.
    case data
    /// The noise: DPM-Solver.
    case noise
  }

  /// Where derivatives come from.
  public enum Form: String, CaseIterable, Sendable {
    /// From the predictions of earlier steps ("2M", "3M").
    case multistep
    /// From the predictions of a group of `order` steps, which all start from the group's first sample ("2S", "3S").
    case singlestep
  }

  /// How the first derivative enters a second-order step.
  public enum Correction: String, CaseIterable, Sendable {
    case midpoint, heun
  }

  /// 1 (DDIM), 2 or 3; the multistep form of 3 converges as fast as 2.
  public var order: Int
  /// Which prediction is extrapolated.
  public var prediction: Prediction
  /// Whether fresh noise is added: the solver of the stochastic equation.
  public var isStochastic: Bool
  /// Where derivatives come from.
  public var form: Form
  /// How the first derivative enters.
  public var correction: Correction
  /// Whether the last steps are of lower order where there are fewer than 15.
  public var lowersFinalOrder: Bool
  /// Whether the last step is of first order however many there are.
  public var endsWithEuler: Bool

  public init(
    order: Int = 2, prediction: Prediction = .data, isStochastic: Bool = false, form: Form = .multistep,
    correction: Correction = .midpoint, lowersFinalOrder: Bool = true, endsWithEuler: Bool = false
  ) {
    self.order = order
    self.prediction = prediction
    self.isStochastic = isStochastic
    self.form = form
    self.correction = correction
    self.lowersFinalOrder = lowersFinalOrder
    self.endsWithEuler = endsWithEuler
  }
}

/// Settings of predictor–corrector sampling.
public struct PredictorCorrectorConfiguration: Equatable, Sendable {
  /// What the corrector's step size is measured by.
  public enum StepSize: String, CaseIterable, Sendable {
    /// Each image's own score: an image does not depend on the others of its batch.
    case image
    /// The mean over the batch, as the paper's code does.
    case batch
  }

  /// Signal-to-noise ratio r of a corrector step.
  public var signalToNoise: Double
  /// Corrector steps before each predictor step.
  public var corrections: Int
  /// What the step size is measured by.
  public var stepSize: StepSize

  public init(signalToNoise: Double = 0.16, corrections: Int = 1, stepSize: StepSize = .image) {
    self.signalToNoise = signalToNoise
    self.corrections = corrections
    self.stepSize = stepSize
  }
}
