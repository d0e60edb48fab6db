import Diffusion
import Foundation
import Specification
import Tensors

/// The samplers and the preconditioning of Karras et al. 2022.
let karrasCheckers = [
  ParityChecker(kind: "k-diffusion sampler", checkKarrasSampler), ParityChecker(kind: "EDM preconditioning", checkEDM),
]

/// The whole chain with the exact denoiser, and the sample of each step.
private func checkKarrasSampler(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let definition = reference.definition
  func number(_ name: String) -> Double? { definition[name]?.real }
  guard let low = number("sigma_min"), let high = number("sigma_max"), let steps = definition["n"]?.whole else {
    throw Unusable("the case lacks n, sigma_min or sigma_max")
  }
  let schedule = try KarrasSchedule(KarrasScheduleConfiguration(sigmaMin: low, sigmaMax: high))
  let churn = SolverConfiguration.Churn(
    amount: number("s_churn") ?? 0, sigmas: (number("s_tmin") ?? 0)...(number("s_tmax") ?? .infinity),
    noise: number("s_noise") ?? 1)
  let solvers: [String: SolverConfiguration] = [
    "sample_euler": .euler(churn), "sample_heun": .heun(churn),
    "sample_euler_ancestral": .eulerAncestral(eta: number("eta") ?? 1),
    "sample_dpmpp_2m": .dpmSolver(DPMSolverConfiguration(lowersFinalOrder: false)),
  ]
  let name = definition["sampler"]?.text ?? "a sampler without name"
  guard let configuration = solvers[name] else { throw NotBuilt(name) }
  let solver = try SamplingConfiguration(
    solver: configuration, steps: steps,
    spacing: SpacingConfiguration(sigmas: .karras(rho: number("rho") ?? 7))
  ).solver(for: schedule)
  try comparison.compare(solver.intervals.map(\.from.sigma) + [solver.intervals.last?.to.sigma ?? .nan], with: "sigmas")
  var state = SolverState(sample: try reference.doubles("x_init"))
  var samples: [Tensor] = []
  var step = 0
  let (mixture, noise) = (try reference.mixture(), try RecordedNoise(reference))
  // The sample of a step is recorded after its churn, which is how the denoiser first meets it.
  let denoiser = FunctionDenoiser { x, level in
    if samples.count == step { samples.append(x) }
    return try mixture(x, at: level)
  }
  while state.step < solver.intervals.count {
    step = state.step
    try solver.step(&state, denoiser: denoiser, noise: noise)
  }
  try comparison.compare(Tensor.stacked(samples), with: "x_at_step")
  try comparison.compare(state.sample, with: "x_final")
}

/// The factors of the preconditioning, as a network and its caller meet them.
private func checkEDM(_ reference: ParityCase, _ comparison: inout Comparison) throws {
  let definition = reference.definition
  guard let low = definition["sigma_min"]?.real, let high = definition["sigma_max"]?.real,
    let count = definition["n"]?.whole, let sigmaData = definition["sigma_data"]?.real
  else { throw Unusable("the case lacks n, sigma_min, sigma_max or sigma_data") }
  let schedule = try KarrasSchedule(KarrasScheduleConfiguration(sigmaMin: low, sigmaMax: high))
  let levels = try reference.values("sigma").map { schedule.level(ratio: $0) }
  let one = try Tensor([1.0], shape: [1, 1])
  var (skip, out, input, noise): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
  for level in levels {
    // F = 0 leaves c_skip x, and x = 0 leaves c_out F.
    func denoise(_ x: Double, _ answer: Double) throws -> Double {
      let denoiser = NetworkDenoiser(parameterization: .edm(sigmaData: sigmaData)) { image, times in
        if answer == 0 {
          input.append(try image.numbers()[0])
          noise.append(try times.numbers()[0])
        }
        return try one * answer
      }
      return try denoiser(one * x, at: level).clean.numbers()[0]
    }
    skip.append(try denoise(1, 0))
    out.append(try denoise(0, 1))
  }
  try comparison.compare(skip, with: "c_skip")
  try comparison.compare(out, with: "c_out")
  try comparison.compare(input, with: "c_in")
  try comparison.compare(noise, with: "c_noise")
  try comparison.compare(levels.map { LossWeight.edm(sigmaData: sigmaData).value(at: $0, .x0) }, with: "loss_weight")
  let vp = try ScoreSDE(.vp(betaMin: 0.1, betaMax: 20))
  // The stored √(exp ∫β − 1) was rounded to single precision after exp, which costs small values three digits.
  let exponents = (0..<count).map { -2 * log(vp.level(fraction: 1 - Double($0) / Double(count - 1)).alpha) }
  let sigmas = [
    "sigmas_karras": karrasSigmas(low...high, count: count),
    "sigmas_exponential": exponentialSigmas(low...high, count: count),
    "sigmas_vp": try (Tensor(exponents).converted(to: .float32).exp() - 1).sqrt().numbers(),
  ]
  for (name, values) in sigmas { try comparison.compare(values + [0], with: name) }
}
