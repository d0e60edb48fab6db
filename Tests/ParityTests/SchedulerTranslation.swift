import Diffusion
import Foundation
import Formats
import Specification

/// The configuration of a scheduler in the names of diffusers, as this project's schedule, sampling and prediction.
struct SchedulerTranslation {
  /// Classes of schedulers that have a counterpart here.
  private enum Family: String {
    case ddpm = "DDPMScheduler"
    case ddim = "DDIMScheduler"
    case ddimInverse = "DDIMInverseScheduler"
    case euler = "EulerDiscreteScheduler"
    case eulerAncestral = "EulerAncestralDiscreteScheduler"
    case heun = "HeunDiscreteScheduler"
    case dpmMultistep = "DPMSolverMultistepScheduler"
    case dpmSinglestep = "DPMSolverSinglestepScheduler"
  }

  let schedule: DiscreteSchedule
  /// The schedule as the scheduler stores it: where it divides by α, pure noise is made finite.
  let storedSchedule: DiscreteSchedule
  let parameterization: Parameterization
  let solver: any Solver
  let threshold: ThresholdConfiguration
  let learnsVariance: Bool
  /// Whether each σ but the first and the last is stored twice, once for each half of a step.
  let repeatsSigmas: Bool

  /// Translates a case; throws `NotBuilt` for classes and options without a counterpart.
  init(_ reference: ParityCase) throws {
    let name = reference.definition["scheduler"]?.text ?? "a scheduler without name"
    guard let family = Family(rawValue: name) else { throw NotBuilt(name) }
    var options = Options(reference.definition["config"], of: name)
    var arguments = Options(reference.definition["step_kwargs"], of: "\(name).step")
    let schedule = try Self.schedule(&options, isHeun: family == .heun)
    let isSigmaSolver = ![.ddpm, .ddim, .ddimInverse].contains(family)
    self.schedule = schedule
    storedSchedule = isSigmaSolver ? schedule.withFiniteRatios : schedule
    parameterization = try Self.parameterization(options.text("prediction_type") ?? "epsilon")
    threshold = Self.threshold(
      &options, clips: [.ddpm, .ddim, .ddimInverse].contains(family),
      keepsNoise: isSigmaSolver ? false : !(arguments.flag("use_clipped_model_output") ?? false))
    learnsVariance = reference.definition["learned_variance"]?.flag ?? false
    repeatsSigmas = family == .heun
    let configuration = SamplingConfiguration(
      solver: try Self.solver(family, &options, &arguments), steps: reference.definition["steps"]?.whole ?? 0,
      spacing: try Self.spacing(family, &options))
    solver =
      family == .ddimInverse ? try configuration.inversion(for: schedule) : try configuration.solver(for: schedule)
    try options.finish()
    try arguments.finish()
  }

  private static func schedule(_ options: inout Options, isHeun: Bool) throws -> DiscreteSchedule {
    let timesteps = options.whole("num_train_timesteps") ?? 1000
    let start = options.real("beta_start") ?? (isHeun ? 0.00085 : 1e-4)
    let end = options.real("beta_end") ?? (isHeun ? 0.012 : 0.02)
    let name = options.text("beta_schedule") ?? "linear"
    let isRescaled = options.flag("rescale_betas_zero_snr") ?? false
    if let betas = options.list("trained_betas") {
      let trained = try DiscreteSchedule(betas: betas)
      return isRescaled ? try trained.rescaledToZeroTerminalSNR() : trained
    }
    let shapes: [String: DiscreteScheduleConfiguration.Shape] = [
      "linear": .linear, "scaled_linear": .scaledLinear, "squaredcos_cap_v2": .cosine, "sigmoid": .sigmoid,
    ]
    guard let shape = shapes[name] else { throw NotBuilt("the schedule \(name)") }
    return try DiscreteSchedule(
      DiscreteScheduleConfiguration(
        shape: shape, timesteps: timesteps, betaStart: start, betaEnd: end, zeroTerminalSNR: isRescaled))
  }

  private static func parameterization(_ name: String) throws -> Parameterization {
    switch name {
    case "epsilon": .epsilon
    case "sample": .x0
    case "v_prediction": .v
    default: throw NotBuilt("the prediction \(name)")
    }
  }

  private static func threshold(_ options: inout Options, clips: Bool, keepsNoise: Bool) -> ThresholdConfiguration {
    let isClipped = options.flag("clip_sample") ?? clips
    let limit = options.real("clip_sample_range") ?? 1
    let quantile = options.real("dynamic_thresholding_ratio") ?? 0.995
    let maximum = options.real("sample_max_value") ?? 1
    if options.flag("thresholding") ?? false {
      return ThresholdConfiguration(.dynamic(quantile: quantile, maximum: maximum), keepsNoise: keepsNoise)
    }
    return ThresholdConfiguration(isClipped ? .fixed(limit: limit) : .none, keepsNoise: keepsNoise)
  }

  private static func spacing(_ family: Family, _ options: inout Options) throws -> SpacingConfiguration {
    let isLeading = [.ddpm, .ddim, .ddimInverse].contains(family)
    let name = options.text("timestep_spacing") ?? (isLeading ? "leading" : "linspace")
    guard let timesteps = SpacingConfiguration.Timesteps(rawValue: name) else { throw NotBuilt("the spacing \(name)") }
    var spacing = SpacingConfiguration(timesteps: timesteps, offset: options.whole("steps_offset") ?? 0)
    let isKarras = options.flag("use_karras_sigmas") ?? false
    if isKarras { spacing.sigmas = .karras(rho: 7) }
    if options.flag("use_exponential_sigmas") ?? false { spacing.sigmas = .exponential }
    if [.dpmMultistep, .dpmSinglestep].contains(family) {
      let isRounded = isKarras && (family == .dpmSinglestep || options.text("beta_schedule") != "squaredcos_cap_v2")
      spacing.rounding = isRounded ? .nearest : .down
    }
    if let least = options.real("lambda_min_clipped") { spacing.sigmaMax = exp(-least) }
    let final = options.text("final_sigmas_type") ?? "zero"
    guard ["zero", "sigma_min"].contains(final) else { throw NotBuilt("the final sigma \(final)") }
    if final == "sigma_min" || options.flag("set_alpha_to_one") == false { spacing.final = .sigmaMin }
    return spacing
  }

  private static func solver(
    _ family: Family, _ options: inout Options, _ arguments: inout Options
  ) throws -> SolverConfiguration {
    switch family {
    case .ddpm:
      let name = options.text("variance_type") ?? "fixed_small"
      let variances: [String: SolverConfiguration.StepVariance] = [
        "fixed_small": .fixedSmall, "fixed_small_log": .fixedSmall, "fixed_large": .fixedLarge,
        "learned_range": .learnedRange,
      ]
      guard let variance = variances[name] else { throw NotBuilt("the variance \(name)") }
      return .ddpm(variance)
    case .ddim, .ddimInverse: return .ddim(eta: arguments.real("eta") ?? 0)
    case .euler: return .euler(.init())
    case .eulerAncestral: return .eulerAncestral(eta: 1)
    case .heun: return .heun(.init())
    case .dpmMultistep, .dpmSinglestep: return .dpmSolver(try dpmSolver(family, &options))
    }
  }

  private static func dpmSolver(_ family: Family, _ options: inout Options) throws -> DPMSolverConfiguration {
    let isMultistep = family == .dpmMultistep
    let algorithm = options.text("algorithm_type") ?? "dpmsolver++"
    let isStochastic = algorithm.hasPrefix("sde-")
    let order = options.whole("solver_order") ?? 2
    guard ["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++"].contains(algorithm),
      !isStochastic || order < 3
    else { throw NotBuilt("\(algorithm) of order \(order)") }
    return DPMSolverConfiguration(
      order: order, prediction: algorithm.hasSuffix("++") ? .data : .noise, isStochastic: isStochastic,
      form: isMultistep ? .multistep : .singlestep,
      correction: options.text("solver_type") == "heun" ? .heun : .midpoint,
      lowersFinalOrder: options.flag("lower_order_final") ?? isMultistep,
      endsWithEuler: options.flag("euler_at_final") ?? false)
  }
}

/// Options by name; whatever was not asked for must be off.
private struct Options {
  private let members: [String: JSON]
  private let owner: String
  private var asked: Set<String> = []

  init(_ json: JSON?, of owner: String) {
    if case .object(let members) = json { self.members = members } else { members = [:] }
    self.owner = owner
  }

  private mutating func member(_ name: String) -> JSON? {
    asked.insert(name)
    return members[name]
  }

  mutating func text(_ name: String) -> String? { member(name)?.text }
  mutating func flag(_ name: String) -> Bool? { member(name)?.flag }
  mutating func whole(_ name: String) -> Int? { member(name)?.whole }
  mutating func real(_ name: String) -> Double? { member(name)?.real }
  mutating func list(_ name: String) -> [Double]? { member(name)?.elements?.compactMap(\.real) }

  /// Values that are what leaving the option out would mean.
  private static let usual: [String: JSON] = [
    "interpolation_type": "linear", "timestep_type": "discrete", "flow_shift": .number(1),
    "time_shift_type": "exponential",
  ]

  func finish() throws {
    for (name, value) in members.sorted(by: { $0.key < $1.key }) where !asked.contains(name) {
      guard !name.hasPrefix("_"), value != .null, value != .bool(false), value != Self.usual[name] else { continue }
      throw NotBuilt("the option \(name) of \(owner)")
    }
  }
}
