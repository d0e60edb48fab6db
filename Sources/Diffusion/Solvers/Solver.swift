import Tensors

/// A way from noise to image in steps, each of which asks a denoiser.
public protocol Solver: Sendable {
  /// The steps, in order.
  var intervals: [Interval] { get }
  /// How the solver scales x: the standard deviation of its first sample, of standard normal noise.
  var initialDeviation: Double { get }

  /// Takes the next step.
  /// - Throws: `DiffusionError` if there is none, and what the denoiser throws.
  func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws
}

extension Solver {
  /// By default σ for unscaled data, and otherwise what noisy data of unit variance have.
  public var initialDeviation: Double {
    guard let first = intervals.first?.from else { return 1 }
    return first.alpha == 1 ? first.sigma : first.magnitude
  }

  /// The state before the first step.
  /// - Parameter noise: standard normal numbers [n, ..].
  public func initialState(_ noise: Tensor) throws(TensorError) -> SolverState {
    SolverState(sample: initialDeviation == 1 ? noise : try noise * initialDeviation)
  }

  /// Takes all the steps that are left.
  /// - Returns: the sample at the end.
  public func finish(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws -> Tensor {
    while state.step < intervals.count { try step(&state, denoiser: denoiser, noise: noise) }
    return state.sample
  }

  /// The interval of the step that comes next.
  func interval(_ state: SolverState) throws(DiffusionError) -> Interval {
    guard intervals.indices.contains(state.step) else {
      throw DiffusionError(.invalidState, "the solver has \(intervals.count) steps, and \(state.step) are taken")
    }
    return intervals[state.step]
  }
}

/// What a solver carries from step to step: with it, the noise's key and the denoiser, sampling goes on bit for bit.
public struct SolverState {
  /// The image so far.
  public var sample: Tensor
  /// Steps taken.
  public var step: Int
  /// What a multistep solver remembers, the newest last; empty for others.
  public var history: [Tensor]
  /// The latest estimate of the clean image, to look at; not needed to go on.
  public var preview: Tensor?

  /// Makes a state, at the start or from stored parts.
  public init(sample: Tensor, step: Int = 0, history: [Tensor] = []) {
    self.sample = sample
    self.step = step
    self.history = history
  }

  /// Goes on to the next step with this sample.
  mutating func advance(to sample: Tensor, preview: Tensor) {
    self.sample = sample
    self.preview = preview
    step += 1
  }
}
