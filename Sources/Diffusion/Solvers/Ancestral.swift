import Foundation
import Specification
import Tensors

/// Ancestral sampling of a chain (Ho et al. 2020, algorithm 2): x′ ~ N(μ(x, x₀), v) with
/// μ = α′ b / σ² x₀ + a σ′² / σ² x, a = α / α′, b = σ² − a² σ′² (eq. 7).
///
/// The variance v is that of the posterior, b σ′² / σ² (small), b (large), or between the two on a logarithmic scale, as the
/// network says (Nichol & Dhariwal 2021, eq. 15).
public struct Ancestral: Solver {
  public let intervals: [Interval]
  private let variance: SolverConfiguration.StepVariance

  /// Makes the solver of these steps.
  public init(_ intervals: [Interval], variance: SolverConfiguration.StepVariance = .fixedSmall) {
    self.intervals = intervals
    self.variance = variance
  }

  public func step(_ state: inout SolverState, denoiser: any Denoiser, noise: any NoiseSource) throws {
    let interval = try interval(state)
    let denoised = try denoiser(state.sample, at: interval.from)
    var sample = try interval.posteriorMean(of: state.sample, clean: denoised.clean)
    if interval.isNoisy {
      let z = try noise.normals(for: state)
      switch variance {
      case .fixedSmall: sample = try sample + z * max(interval.posteriorVariance, varianceMin).squareRoot()
      case .fixedLarge: sample = try sample + z * interval.addedVariance.squareRoot()
      case .learnedRange:
        guard let variance = denoised.variance else {
          throw DiffusionError(.conflict, "the variance learnedRange needs a network that learns the variance")
        }
        sample = try sample + z * (interval.logVariance(variance) * 0.5).exp()
      }
    }
    state.advance(to: sample, preview: denoised.clean)
  }
}

/// Below this a variance counts as this, so that it has a logarithm.
let varianceMin = 1e-20

extension Interval {
  /// E[x′ | x, x₀] (Ho et al. 2020, eq. 7).
  func posteriorMean(of x: Tensor, clean: Tensor) throws(TensorError) -> Tensor {
    let variance = from.sigma * from.sigma
    return try clean * (to.alpha * addedVariance / variance) + x * (decay * to.sigma * to.sigma / variance)
  }

  /// ln of the variance at a place between the posterior's (−1) and the forward step's (1).
  func logVariance(_ place: Tensor) throws(TensorError) -> Tensor {
    let (low, high) = (log(max(posteriorVariance, varianceMin)), log(addedVariance))
    return try place * ((high - low) / 2) + (high + low) / 2
  }
}
