import Specification
import Tensors

/// Euler's method on the probability-flow equation dx/dσ = (x − D(x, σ)) / σ of unscaled data, with optional churn
/// (Karras et al. 2022, eq. 1 with s = 1, and algorithm 2 without its correction).
public struct Euler: Solver {
  public let intervals: [Interval]
  public let initialDeviation: Double
  private let churn: ChurnedStart

  /// Makes the solver of these steps.
  /// - Parameter initialDeviation: standard deviation of the first sample; by default the largest σ.
  public init(
    _ intervals: [Interval], churn: SolverConfiguration.Churn = .init(), schedule: any NoiseSchedule,
    initialDeviation: Double? = nil
  ) {
    self.intervals = intervals.map(\.varianceExploding)
    self.initialDeviation = initialDeviation ?? self.intervals.first?.from.sigma ?? 1
    self.churn = ChurnedStart(churn, steps: intervals.count, schedule: schedule)
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let tangent = try tangent(state, denoiser, noise)
    state.advance(to: try tangent.end, preview: tangent.preview)
  }

  /// Where a step begins, after churn, and in which direction it goes.
  struct Tangent {
    let start: Tensor
    let slope: Tensor
    /// The step in σ.
    let length: Double
    let preview: Tensor

    /// Where Euler's step ends.
    var end: Tensor { get throws(TensorError) { try start + slope * length } }
  }

  func tangent(_ state: SolverState, _ denoiser: any Denoiser, _ noise: any NoiseSource) throws -> Tangent {
    let interval = try interval(state)
    let (start, from) = try churn(state, at: interval.from, noise)
    let denoised = try denoiser(start, at: from)
    return Tangent(
      start: start, slope: try denoised.slope(of: start, at: from), length: interval.to.sigma - from.sigma,
      preview: denoised.clean)
  }
}

/// Euler's method down to a σ below the step's end, then fresh noise up to it; with η = 1 as much as ancestral sampling adds.
public struct EulerAncestral: Solver {
  public let intervals: [Interval]
  public let initialDeviation: Double
  private let eta: Double

  /// Makes the solver of these steps.
  public init(_ intervals: [Interval], eta: Double = 1, initialDeviation: Double? = nil) {
    self.intervals = intervals.map(\.varianceExploding)
    self.initialDeviation = initialDeviation ?? self.intervals.first?.from.sigma ?? 1
    self.eta = eta
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let interval = try interval(state)
    let (from, to) = (interval.from, interval.to)
    let up = min(to.sigma, eta * interval.posteriorVariance.squareRoot())
    let down = (to.sigma * to.sigma - up * up).squareRoot()
    let denoised = try denoiser(state.sample, at: from)
    var sample = try state.sample + denoised.slope(of: state.sample, at: from) * (down - from.sigma)
    if up > 0 { sample = try sample + noise.normals(for: state) * up }
    state.advance(to: sample, preview: denoised.clean)
  }
}

/// Heun's method on the same equation, of second order, with optional churn (Karras et al. 2022, algorithms 1 and 2). The
/// step to σ = 0 is Euler's.
public struct Heun: Solver {
  private let euler: Euler

  /// Makes the solver of these steps.
  /// - Parameter initialDeviation: standard deviation of the first sample; by default the largest σ.
  public init(
    _ intervals: [Interval], churn: SolverConfiguration.Churn = .init(), schedule: any NoiseSchedule,
    initialDeviation: Double? = nil
  ) {
    euler = Euler(intervals, churn: churn, schedule: schedule, initialDeviation: initialDeviation)
  }

  public var intervals: [Interval] { euler.intervals }
  public var initialDeviation: Double { euler.initialDeviation }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let to = try interval(state).to
    let tangent = try euler.tangent(state, denoiser, noise)
    var sample = try tangent.end
    if to.sigma > 0 {
      let slope = try denoiser(sample, at: to).slope(of: sample, at: to)
      sample = try tangent.start + (tangent.slope + slope) * (tangent.length / 2)
    }
    state.advance(to: sample, preview: tangent.preview)
  }
}

/// Noise added before a step: σ̂ = σ (1 + γ), γ = min(S_churn / N, √2 − 1) where S_tmin ≤ σ ≤ S_tmax, and
/// x̂ = x + S_noise √(σ̂² − σ²) z (Karras et al. 2022, algorithm 2).
struct ChurnedStart: Sendable {
  private let churn: SolverConfiguration.Churn
  private let gamma: Double
  private let schedule: any NoiseSchedule

  init(_ churn: SolverConfiguration.Churn, steps: Int, schedule: any NoiseSchedule) {
    self.churn = churn
    self.schedule = schedule
    gamma = min(churn.amount / Double(max(steps, 1)), 2.0.squareRoot() - 1)
  }

  /// The sample and its level, with noise where there is churn.
  func callAsFunction(
    _ state: SolverState, at level: NoiseLevel, _ noise: any NoiseSource
  ) throws -> (sample: Tensor, level: NoiseLevel) {
    guard gamma > 0, churn.sigmas.contains(level.sigma) else { return (state.sample, level) }
    let raised = level.sigma * (1 + gamma)
    let added = churn.noise * (raised * raised - level.sigma * level.sigma).squareRoot()
    return (try state.sample + noise.normals(for: state) * added, schedule.level(ratio: raised).varianceExploding)
  }
}

extension Denoised {
  /// dx/dσ of unscaled data: (x − D) / σ, which is the noise as far as `clean` was not thresholded.
  func slope(of x: Tensor, at level: NoiseLevel) throws(TensorError) -> Tensor { try (x - clean) / level.sigma }
}

extension Interval {
  /// The same step of unscaled data.
  var varianceExploding: Interval {
    Interval(from: from.varianceExploding, to: to.varianceExploding, isNoisy: isNoisy)
  }
}
