import Specification
import Tensors

/// Predictor–corrector sampling (Song et al. 2021, algorithms 2 to 5): at each level some steps of Langevin dynamics, then
/// reverse diffusion, x′ = (2 − a) x + b s(x) + √b z with a = α / α′, b = σ² − a² σ′² and s the score. The last step adds no
/// noise.
///
/// For the VE equation a = 1 and b = σ² − σ′²; for VP a = √(1 − β) and b = β.
public struct PredictorCorrector: Solver {
  public let intervals: [Interval]
  private let configuration: PredictorCorrectorConfiguration

  /// Makes the solver of these steps.
  public init(_ intervals: [Interval], _ configuration: PredictorCorrectorConfiguration = .init()) {
    self.intervals = intervals
    self.configuration = configuration
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let interval = try interval(state)
    for correction in 0..<configuration.corrections {
      let z = try noise.normals(for: state, draw: correction)
      state.sample = try corrected(state.sample, by: denoiser, at: interval, z)
    }
    let denoised = try denoiser(state.sample, at: interval.from)
    let variance = interval.addedVariance
    var sample = try state.sample * (2 - interval.decay) + denoised.score(at: interval.from) * variance
    if interval.isNoisy {
      sample = try sample + noise.normals(for: state, draw: configuration.corrections) * variance.squareRoot()
    }
    state.advance(to: sample, preview: denoised.clean)
  }

  /// x + ε s(x) + √(2ε) z, ε = 2 a² (r |z| / |s(x)|)², a² = 1 − β where the step is one of a chain.
  private func corrected(
    _ x: Tensor, by denoiser: any Denoiser, at interval: Interval, _ z: Tensor
  ) throws -> Tensor {
    let score = try denoiser(x, at: interval.from).score(at: interval.from)
    let ratio = try norm(z) / norm(score) * configuration.signalToNoise
    let size = try ratio.squared() * (2 * interval.decay * interval.decay)
    return try x + score * size + z * (size * 2).sqrt()
  }

  /// Euclidean norms [n, 1, ..], or their mean over the batch.
  private func norm(_ x: Tensor) throws(TensorError) -> Tensor {
    let norms = try x.squared().sum(alongAll: Array(1..<x.shape.count), keepingDimensions: true).sqrt()
    return configuration.stepSize == .batch ? try norms.mean(along: 0, keepingDimension: true) : norms
  }
}

/// Euler–Maruyama on the reverse equation dx = (f x − g² s(x)) dt + g dw (Song et al. 2021, eq. 6), from time 1 down to the
/// equation's least time, where the expected clean image takes the sample's place.
public struct EulerMaruyama: Solver {
  public let intervals: [Interval]
  private let equation: ScoreSDE
  private let times: [Double]

  /// Makes the solver of an equation with so many equal steps of time.
  public init(_ equation: ScoreSDE, steps: Int) {
    self.equation = equation
    times = evenly(from: 1, to: equation.timeMin, count: steps + 1)
    intervals = [Interval](through: times.map(equation.level(at:)))
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let interval = try interval(state)
    let (time, length) = (times[state.step], times[state.step] - times[state.step + 1])
    let variance = equation.squaredDiffusion(at: time) * length
    let denoised = try denoiser(state.sample, at: interval.from)
    var sample = try state.sample * (1 - equation.drift(at: time) * length)
    sample = try sample + denoised.score(at: interval.from) * variance
    sample = try sample + noise.normals(for: state) * variance.squareRoot()
    if state.step == intervals.count - 1 { sample = try denoiser(sample, at: interval.to).clean }
    state.advance(to: sample, preview: denoised.clean)
  }
}
