import Diffusion
import Foundation
import Formats
import Specification
import Tensors

/// Noise schedules, spacings, weights, continuous time and guidance.
let scheduleCheckers = [
  ParityChecker(kind: "schedules, timestep spacing, q(x_t|x_0), v, loss weights", checkSchedules),
  ParityChecker(kind: "imagen-pytorch GaussianDiffusionContinuousTimes", checkContinuousTimes),
  ParityChecker(kind: "classifier-free guidance, rescale, dynamic thresholding", checkGuidance),
]

/// Every stored array `schedule.what[.more]` whose schedule is among the case's configurations.
private func checkSchedules(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  guard case .object(let configurations)? = reference.definition["configs"] else {
    throw Unusable("the case has no configs")
  }
  let gamma = reference.definition["min_snr_gamma"]?.real ?? 5
  for (name, configuration) in configurations.sorted(by: { $0.key < $1.key }) {
    let schedule = try discreteSchedule(configuration)
    for array in reference.tensors.names where array.hasPrefix(name + ".") {
      let words = array.dropFirst(name.count + 1).split(separator: ".").map(String.init)
      // Weights are functions of ᾱ as it is stored, in single precision: near 1 it keeps four digits of 1 − ᾱ.
      let signals = reference.tensors.names.contains("\(name).alphas_cumprod")
      let stored = signals ? try reference.values("\(name).alphas_cumprod") : schedule.alphasCumprod
      if let values = try numbers(words, schedule, stored, reference, gamma: gamma) {
        let rounding = words[0] == "zero_snr" ? zeroSNRRounding(schedule) : 0
        try comparison.compare(values, with: array, tolerance: max(reference.tolerance, rounding))
      } else {
        try comparison.compare(noisy(words, schedule, reference), with: array)
      }
    }
  }
}

private func discreteSchedule(_ configuration: JSON) throws -> DiscreteSchedule {
  let shapes: [String: DiscreteScheduleConfiguration.Shape] = [
    "linear": .linear, "scaled_linear": .scaledLinear, "squaredcos_cap_v2": .cosine, "sigmoid": .sigmoid,
  ]
  let name = configuration["beta_schedule"]?.text ?? "linear"
  guard let shape = shapes[name] else { throw NotBuilt("the schedule \(name)") }
  return try DiscreteSchedule(
    DiscreteScheduleConfiguration(
      shape: shape, timesteps: configuration["num_train_timesteps"]?.whole ?? 1000,
      betaStart: configuration["beta_start"]?.real ?? 1e-4, betaEnd: configuration["beta_end"]?.real ?? 0.02))
}

/// Lists of numbers: β, ᾱ, timesteps, and functions of the signal-to-noise ratio at the case's times `t`.
private func numbers(
  _ words: [String], _ schedule: DiscreteSchedule, _ signals: [Double], _ reference: ParityCase, gamma: Double
) throws -> [Double]? {
  func atTimes(_ function: (NoiseLevel) -> Double) throws -> [Double] {
    try reference.values("t").map { time in
      let signal = signals[Int(time)]
      return function(NoiseLevel(alpha: signal.squareRoot(), sigma: (1 - signal).squareRoot(), time: time))
    }
  }
  switch words[0] {
  case "betas": return schedule.betas
  case "alphas_cumprod": return schedule.alphasCumprod
  case "zero_snr": return try schedule.rescaledToZeroTerminalSNR().betas
  case "timesteps":
    guard words.count == 3, let steps = Int(words[2]),
      let timesteps = SpacingConfiguration.Timesteps(rawValue: words[1])
    else { throw NotBuilt("the spacing \(words.dropFirst().joined(separator: "."))") }
    return try SpacingConfiguration(timesteps: timesteps)
      .timesteps(of: schedule.timesteps, steps: steps, style: .whole)
  case "snr": return try atTimes(\.snr)
  case "min_snr_weight":
    let outputs: [String: Parameterization] = ["epsilon": .epsilon, "v": .v, "x0": .x0]
    guard words.count == 2, let output = outputs[words[1]] else { throw NotBuilt(words.joined(separator: ".")) }
    return try atTimes { LossWeight.minSNR(gamma: gamma).value(at: $0, output) }
  case let word where word.hasPrefix("p2_weight"):
    let parts = word.split(separator: "_")
    let k = parts.first { $0.hasPrefix("k") }.flatMap { Double($0.dropFirst()) } ?? 1
    let power = parts.first { $0.hasPrefix("gamma") }.flatMap { Double($0.dropFirst(5)) } ?? 1
    return try atTimes { LossWeight.p2(k: k, gamma: power).value(at: $0, .epsilon) }
  default: return nil
  }
}

/// How far β of a schedule shifted to zero terminal SNR depends on the rounding of √ᾱ to single precision: it is
/// 1 − (r_t / r_(t−1))² of the differences r_t = √ᾱ_t − √ᾱ_T, and near the end those are as small as the last digits of √ᾱ.
private func zeroSNRRounding(_ schedule: DiscreteSchedule) -> Double {
  let roots = schedule.alphasCumprod.map { $0.squareRoot() }
  guard let last = roots.last else { return 0 }
  return roots.indices.dropFirst().dropLast().map { index in
    let (before, after) = (roots[index - 1] - last, roots[index] - last)
    let share = after / before
    return 2 * share * share * 0x1p-23 * last * (1 / before + 1 / after)
  }.max() ?? 0
}

/// x_t or v of the case's `x0` and `eps`, as training makes them.
private func noisy(_ words: [String], _ schedule: DiscreteSchedule, _ reference: ParityCase) throws -> Tensor {
  let objective = try DiffusionObjective(DiffusionConfiguration(parameterization: .v), schedule: schedule)
  let levels = try reference.values("t").map { schedule.level(timestep: Int($0)) }
  let batch = try objective.batch(reference.tensor("x0"), noise: reference.tensor("eps"), levels: levels)
  switch words[0] {
  case "x_t": return batch.noisy
  case "v": return batch.target
  default: throw NotBuilt(words.joined(separator: "."))
  }
}

/// Imagen's process in continuous time; as the case is made, x0 stands for the noise and for v where a prediction is needed.
private func checkContinuousTimes(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let times = try reference.values("u")
  for formula in LogSNRScheduleConfiguration.allCases {
    let name = formula.rawValue
    guard reference.tensors.names.contains("\(name).log_snr") else { continue }
    // The stored numbers come from the formula in single precision, in which 1/cos² − 1 keeps few digits near t = 0. So our
    // own log SNR is compared as closely as that allows, and the rest is computed from the formula in that precision.
    let own = times.map { LogSNRSchedule(formula).logSNR(at: $0) }
    let rounding = own.map { 0x1p-22 * exp($0) / (1 + abs($0)) }.max() ?? 0
    try comparison.compare(own, with: "\(name).log_snr", tolerance: max(reference.tolerance, rounding))
    let from = try singlePrecisionLevels(formula, times)
    let to = try singlePrecisionLevels(formula, reference.values("\(name).t_next"))
    let (clean, noisy) = (try reference.doubles("\(name).x0").slices(), try reference.doubles("\(name).x_t").slices())
    var made: [String: [Tensor]] = [:]
    for index in times.indices {
      let interval = Interval(from: from[index], to: to[index])
      made["posterior_var", default: []].append(
        try .full(interval.posteriorVariance, shape: [1, 1, 1], type: .float64))
      made["posterior_mean", default: []].append(try ancestralMean(of: noisy[index], clean: clean[index], interval))
      let (x0, x) = (try clean[index].unsqueezed(at: 0), try noisy[index].unsqueezed(at: 0))
      for (suffix, parameterization) in [("noise", Parameterization.epsilon), ("v", .v)] {
        let denoised = try NetworkDenoiser(parameterization: parameterization) { _, _ in x0 }(x, at: from[index])
        made["x0_from_\(suffix)", default: []].append(try denoised.clean.reshaped(to: clean[index].shape))
      }
    }
    for (what, tensors) in made { try comparison.compare(Tensor.stacked(tensors), with: "\(name).\(what)") }
    let objective = try DiffusionObjective(DiffusionConfiguration(schedule: .logSNR(formula)))
    let batch = try objective.batch(Tensor.stacked(clean), noise: Tensor.stacked(noisy), levels: from)
    try comparison.compare(batch.noisy, with: "\(name).q_sample(x0,noise=x_t)")
  }
}

/// The levels of the formulas of `LogSNRSchedule`, rounded to single precision after each operation.
private func singlePrecisionLevels(_ formula: LogSNRScheduleConfiguration, _ times: [Double]) throws -> [NoiseLevel] {
  let t = try Tensor(times.map { Float($0) })
  let ratios =
    switch formula {
    case .linear: try (t.squared() * 10 + 1e-4).expm1()
    case .cosine: try ((((t + 0.008) / 1.008 * .pi) * 0.5).cos().pow(-2) - 1).clamped(from: 1e-5, to: nil)
    }
  return zip(try (ratios.log() * 0.5).exp().numbers(), times).map { NoiseLevel(variancePreserving: $0, time: $1) }
}

/// Where an ancestral step goes without its noise.
private func ancestralMean(of x: Tensor, clean: Tensor, _ interval: Interval) throws -> Tensor {
  var state = SolverState(sample: x)
  let solver = Ancestral([Interval(from: interval.from, to: interval.to, isNoisy: false)])
  let denoiser = FunctionDenoiser { x, level in try Denoised(clean: clean, of: x, at: level) }
  try solver.step(&state, denoiser: denoiser, noise: KeyedNoise(key: RandomKey(seed: 0), images: []))
  return state.sample
}

private func checkGuidance(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let definition = reference.definition
  guard let scale = definition["guidance_scale"]?.real, let share = definition["guidance_rescale"]?.real,
    let quantile = definition["percentile"]?.real, let maximum = definition["sample_max_value"]?.real
  else { throw Unusable("the case lacks a setting of guidance") }
  let conditional = try reference.doubles("cond")
  let guided = try guide(conditional, awayFrom: reference.doubles("uncond"), scale: scale)
  try comparison.compare(guided, with: "cfg")
  try comparison.compare(rescale(guided, like: conditional, share: share), with: "cfg_rescaled")
  let bound = ThresholdConfiguration.Bound.dynamic(quantile: quantile, maximum: maximum)
  try comparison.compare(bound.applied(to: guided), with: "dynamic_threshold")
}
