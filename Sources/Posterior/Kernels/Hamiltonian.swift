import Foundation
import Tensors

/// The dynamics shared by Hamiltonian kernels: H(q, p) = −log π(q) + ½ pᵀ M⁻¹ p with a diagonal mass matrix M.
///
/// Source: Neal, "MCMC using Hamiltonian dynamics", Handbook of MCMC (2011); M⁻¹ estimates the posterior's variances.
public struct Hamiltonian {
  /// A trajectory is divergent when its energy grows by more than this (Stan's threshold).
  package static let divergenceThreshold = 1000.0

  package let density: any LogDensity
  /// Diagonal of M⁻¹.
  public var variances: [Double]

  package init(density: any LogDensity, variances: [Double]? = nil) {
    self.density = density
    self.variances = variances ?? [Double](repeating: 1, count: density.dimensions)
  }

  /// The state at a position.
  package func state(at position: [Double]) throws(PosteriorError) -> HamiltonianState {
    try density.requireCount(position.count)
    var gradient = [Double](repeating: 0, count: position.count)
    let logDensity = try density.valueAndGradient(at: position, gradient: &gradient)
    return HamiltonianState(position: position, logDensity: logDensity, gradient: gradient)
  }

  /// The state with a fresh momentum p ~ N(0, M).
  package func refreshed(_ state: HamiltonianState, key: RandomKey) -> PhasePoint {
    let normals = key.normals(count: variances.count)
    return PhasePoint(state: state, momentum: zip(normals, variances).map { $0 / $1.squareRoot() })
  }

  /// H; +∞ where there is no density.
  package func energy(of point: PhasePoint) -> Double {
    let energy = dot(variances, point.momentum, point.momentum) / 2 - point.state.logDensity
    return energy.isNaN ? .infinity : energy
  }

  /// One leapfrog step: half a kick, a drift, half a kick. Negative `stepSize` goes back in time. One gradient.
  package func leapfrog(_ point: inout PhasePoint, stepSize: Double) throws(PosteriorError) {
    addScaled(stepSize / 2, point.state.gradient, to: &point.momentum)
    addScaled(stepSize, variances, point.momentum, to: &point.state.position)
    point.state.logDensity = try density.valueAndGradient(at: point.state.position, gradient: &point.state.gradient)
    addScaled(stepSize / 2, point.state.gradient, to: &point.momentum)
  }

  /// A step size one leapfrog step of which is accepted with probability about 0.8, by doubling or halving from `start`.
  ///
  /// Source: Hoffman & Gelman, "The No-U-Turn Sampler", JMLR 15 (2014), algorithm 4, with Stan's threshold 0.8.
  /// - Throws: `PosteriorError` if no step size between 10⁻¹⁴ and 10⁷ will do.
  package func reasonableStepSize(
    at state: HamiltonianState, from start: Double, key: RandomKey
  ) throws(PosteriorError) -> Double {
    var stepSize = start
    var grows: Bool?
    for attempt: UInt64 in 0... {
      var point = refreshed(state, key: key.folding(in: attempt))
      let initial = energy(of: point)
      try leapfrog(&point, stepSize: stepSize)
      let accepts = initial - energy(of: point) > log(0.8)
      if let grows, grows != accepts { break }
      grows = accepts
      stepSize *= accepts ? 2 : 0.5
      guard stepSize < 1e7, stepSize > 1e-14 else {
        throw PosteriorError(
          .adaptationFailed,
          accepts
            ? "the step size grew beyond 10⁷: the posterior is probably improper, give its parameters proper priors"
            : "no step size is small enough: is the density continuous and its gradient right at the initial position?")
      }
    }
    return stepSize
  }
}

/// What Hamiltonian kernels carry from step to step.
public struct HamiltonianState: KernelState {
  /// The position the chain is at.
  public var position: [Double]
  /// The log density there.
  public var logDensity: Double
  /// The gradient of the log density there.
  public var gradient: [Double]

  package init(position: [Double], logDensity: Double, gradient: [Double]) {
    self.position = position
    self.logDensity = logDensity
    self.gradient = gradient
  }

  /// Adds position, density and gradient.
  public func save(to snapshot: inout Snapshot) {
    snapshot.save(position, as: "position")
    snapshot.save(logDensity, as: "log_density")
    snapshot.save(gradient, as: "gradient")
  }

  /// Restores position, density and gradient.
  public init(from snapshot: Snapshot, dimensions: Int) throws(PosteriorError) {
    position = try snapshot.vector("position", count: dimensions)
    logDensity = try snapshot.scalar("log_density")
    gradient = try snapshot.vector("gradient", count: dimensions)
  }
}

/// A point of phase space.
package struct PhasePoint {
  package var state: HamiltonianState
  package var momentum: [Double]

  package init(state: HamiltonianState, momentum: [Double]) {
    self.state = state
    self.momentum = momentum
  }
}
