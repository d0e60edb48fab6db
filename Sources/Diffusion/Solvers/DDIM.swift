import Tensors

/// Denoising diffusion implicit models (Song, Meng & Ermon 2021, eqs. 12 and 16):
/// x′ = α′ x₀ + √(σ′² − s²) ε + s z, s = η √v, v the posterior's variance.
///
/// With η = 0 it is deterministic, and steps from less noise to more are its inverse. With η = 1 on a full chain it is
/// ancestral sampling with the small variance.
public struct DDIM: Solver {
  public let intervals: [Interval]
  private let eta: Double

  /// Makes the solver of these steps.
  /// - Parameter eta: η, 0 or more.
  public init(_ intervals: [Interval], eta: Double = 0) {
    self.intervals = intervals
    self.eta = eta
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let interval = try interval(state)
    let to = interval.to
    let denoised = try denoiser(state.sample, at: interval.from)
    let variance = eta > 0 ? eta * eta * interval.posteriorVariance : 0
    let direction = max(to.sigma * to.sigma - variance, 0).squareRoot()
    var sample = try denoised.clean * to.alpha + denoised.noise * direction
    if variance > 0 { sample = try sample + noise.normals(for: state) * variance.squareRoot() }
    state.advance(to: sample, preview: denoised.clean)
  }
}
