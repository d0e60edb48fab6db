import Diffusion
import Formats
import Specification
import Tensors

/// Traces of samplers: each step alone with the recorded answers, then the whole chain with the exact model.
let schedulerCheckers = [
  ParityChecker(kind: "scheduler trace") { reference, comparison in
    let translation = try SchedulerTranslation(reference)
    try SchedulerTrace(reference, translation).check(&comparison)
  },
  ParityChecker(kind: "score-SDE VE predictor-corrector", checkPredictorCorrector),
  ParityChecker(kind: "exact denoiser and score of the mixture", checkMixture),
]

/// One trace and the solver that has to reproduce it.
private struct SchedulerTrace {
  let reference: ParityCase
  let translation: SchedulerTranslation
  /// Samples: the first, and what each call of the network led to; for Heun the sample between the halves of a step too.
  let samples: [Tensor]
  let answers: [Tensor]

  init(_ reference: ParityCase, _ translation: SchedulerTranslation) throws {
    self.reference = reference
    self.translation = translation
    samples = try reference.doubles("x").slices()
    answers = try reference.doubles("model_output").slices()
  }

  func check(_ comparison: inout Comparison) throws {
    try comparison.compare(translation.storedSchedule.alphasCumprod, with: "alphas_cumprod")
    if reference.tensors.names.contains("sigmas") { try comparison.compare(sigmas(), with: "sigmas") }
    try checkSteps(&comparison)
    let chain = try run(from: samples[0]) { image, time, call in try exactAnswer(image, time, call) }
    comparison.compare(
      try chain.numbers(), with: try samples[samples.count - 1].numbers(), named: "the whole chain's end")
  }

  private func sigmas() -> [Double] {
    let sigmas = translation.solver.intervals.map(\.from.ratio)
    let last = translation.solver.intervals.last.map { [$0.to.ratio] } ?? []
    guard translation.repeatsSigmas, let first = sigmas.first else { return sigmas + last }
    return [first] + sigmas.dropFirst().flatMap { [$0, $0] } + last
  }

  /// Each step from the recorded sample, with recorded answers; what the network is given must be what was recorded.
  private func checkSteps(_ comparison: inout Comparison) throws {
    let solver = translation.solver
    let calls = Calls()
    let (denoiser, noise) = (denoiser(calls) { _, _, call in answers[call] }, try RecordedNoise(reference))
    var state = try solver.initialState(samples[0])
    var reached: [Tensor] = [samples[0]]
    while state.step < solver.intervals.count {
      guard calls.count < answers.count else { throw Unusable("the trace has fewer steps than the solver") }
      state.sample = samples[calls.count]
      try solver.step(&state, denoiser: denoiser, noise: noise)
      while reached.count < calls.count { reached.append(samples[reached.count]) }
      reached.append(state.sample)
    }
    try comparison.compare(Tensor.stacked(reached), with: "x")
    try comparison.compare(Tensor.stacked(calls.inputs), with: "model_input")
    try comparison.compare(calls.times, with: "timesteps")
    if reference.tensors.names.contains("pred_x0") {
      try comparison.compare(Tensor.stacked(calls.estimates), with: "pred_x0")
    }
  }

  private func run(from sample: Tensor, _ network: @escaping (Tensor, Double, Int) throws -> Tensor) throws -> Tensor {
    var state = SolverState(sample: sample)
    return try translation.solver.finish(
      &state, denoiser: denoiser(Calls(), network), noise: RecordedNoise(reference))
  }

  /// The exact model's answer: its noise level follows from the time alone, as a network's would. The recorded place of the
  /// variance stands beside it, since no exact model has one.
  private func exactAnswer(_ image: Tensor, _ time: Double, _ call: Int) throws -> Tensor {
    let level = translation.storedSchedule.level(time: time)
    let denoised = try reference.mixture()(image, at: level)
    let channels = image.shape[1]
    let answer =
      switch translation.parameterization {
      case .x0: denoised.clean
      case .v: try denoised.noise * level.alpha - denoised.clean * level.sigma
      case .epsilon, .edm: denoised.noise
      }
    guard translation.learnsVariance else { return answer }
    let variance = try answers[call].narrowed(dimension: 1, start: channels, length: channels)
    return try Tensor.concatenated([answer, variance], along: 1)
  }

  private func denoiser(_ calls: Calls, _ network: @escaping (Tensor, Double, Int) throws -> Tensor) -> any Denoiser {
    let base = NetworkDenoiser(
      parameterization: translation.parameterization, learnsVariance: translation.learnsVariance
    ) { image, times in
      let time = try times.numbers()[0]
      let answer = try network(image, time, calls.count)
      calls.inputs.append(image)
      calls.times.append(time)
      return answer
    }
    let thresholded = Thresholding(base, translation.threshold)
    return FunctionDenoiser { x, level in
      let denoised = try thresholded(x, at: level)
      calls.estimates.append(denoised.clean)
      return denoised
    }
  }
}

/// What a network was asked.
private final class Calls {
  var inputs: [Tensor] = []
  var times: [Double] = []
  var estimates: [Tensor] = []
  var count: Int { times.count }
}

/// The noise of a trace, by the step that used it.
struct RecordedNoise: NoiseSource {
  private let draws: [Tensor]
  private let index: [Int]

  init(_ reference: ParityCase) throws {
    let isThere = reference.tensors.names.contains("noise")
    draws = isThere ? try reference.doubles("noise").slices() : []
    let hasIndex = reference.tensors.names.contains("noise_index")
    index = hasIndex ? try reference.values("noise_index").map { Int($0) } : Array(draws.indices)
  }

  func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor {
    guard index.indices.contains(step + draw), draws.indices.contains(index[step + draw]) else {
      throw Unusable("step \(step) needs noise that was not recorded")
    }
    return draws[index[step + draw]]
  }
}

/// The predictor–corrector sampler of the VE equation: every update alone, with the recorded scores.
private func checkPredictorCorrector(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let options = reference.definition["config"]
  let corrections = options?["correct_steps"]?.whole ?? 1
  let (low, high) = (options?["sigma_min"]?.real ?? 0.01, options?["sigma_max"]?.real ?? 1348)
  let steps = try reference.values("sigmas").count
  let discrete = Array(exponentialSigmas(low...high, count: steps).reversed())
  try comparison.compare(discrete, with: "discrete_sigmas")
  let equation = try ScoreSDE(.ve(sigmaMin: low, sigmaMax: high), timeMin: options?["sampling_eps"]?.real ?? 1e-5)
  let times = try reference.values("timesteps")
  try comparison.compare(times.map { equation.level(at: $0).sigma }, with: "sigmas")
  let levels = ([0] + discrete).reversed().map { NoiseLevel(alpha: 1, sigma: $0, time: 0) }
  let samples = try reference.doubles("x").slices()
  let scores = try reference.doubles("score").slices()
  let noise = try reference.doubles("noise").slices()
  var reached = [samples[0]]
  var means: [Tensor] = []
  for step in 0..<steps {
    let interval = Interval(from: levels[step], to: levels[step + 1])
    // One step of the solver is `corrections` updates by the corrector and one by the predictor.
    let first = step * (corrections + 1)
    for isNoisy in [true, false] {
      var made: [Tensor] = []
      let denoiser = FunctionDenoiser { x, level in
        made.append(x)
        let epsilon = try scores[first + made.count - 1] * -level.sigma
        return Denoised(clean: try x - epsilon * level.sigma, noise: epsilon)
      }
      let solver = PredictorCorrector(
        [Interval(from: interval.from, to: interval.to, isNoisy: isNoisy)],
        PredictorCorrectorConfiguration(
          signalToNoise: options?["snr"]?.real ?? 0.15, corrections: corrections, stepSize: .batch))
      var state = SolverState(sample: samples[first])
      try solver.step(
        &state, denoiser: denoiser, noise: ListedNoise(draws: Array(noise[first..<(first + corrections + 1)])))
      if isNoisy { reached += made.dropFirst() + [state.sample] } else { means.append(state.sample) }
    }
  }
  try comparison.compare(Tensor.stacked(reached), with: "x")
  try comparison.compare(Tensor.stacked(means), with: "mean")
}

/// The draws of one step, in order.
private struct ListedNoise: NoiseSource {
  let draws: [Tensor]

  func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor { draws[draw] }
}

/// Values of the exact denoiser and score, by noise level.
private func checkMixture(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let (mixture, x) = (try reference.mixture(), try reference.doubles("x"))
  for name in reference.tensors.names where name.hasPrefix("denoised.") || name.hasPrefix("score.") {
    let place = name.split(separator: ".", maxSplits: 1)[1]
    let level: NoiseLevel
    if place.hasPrefix("abar"), let signal = Double(place.dropFirst(4)) {
      level = NoiseLevel(alpha: signal.squareRoot(), sigma: (1 - signal).squareRoot(), time: 0)
    } else if place.hasPrefix("sigma"), let sigma = Double(place.dropFirst(5)) {
      level = NoiseLevel(alpha: 1, sigma: sigma, time: 0)
    } else {
      throw Unusable("\(name) names no noise level")
    }
    let denoised = try mixture(x, at: level)
    try comparison.compare(name.hasPrefix("score") ? denoised.score(at: level) : denoised.clean, with: name)
  }
}

extension ParityCase {
  /// A stored array in double precision.
  func doubles(_ name: String) throws -> Tensor { try tensor(name).converted(to: .float64) }

  /// The data of the traces.
  func mixture() throws -> GaussianMixture {
    try GaussianMixture(
      means: doubles("mixture.means"), deviations: values("mixture.stds"), weights: values("mixture.weights"))
  }
}

extension Tensor {
  /// The entries of the first dimension.
  func slices() throws -> [Tensor] {
    try (0..<shape[0]).map { try narrowed(start: $0, length: 1).reshaped(to: Array(shape.dropFirst())) }
  }

  /// The elements as numbers, in C order.
  func numbers() throws -> [Double] { try converted(to: .float64).array(of: Double.self) }
}
