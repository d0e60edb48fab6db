import CKernels
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

  /// Gives a point a state and a fresh momentum p ~ N(0, M).
  package func refresh(_ point: PhasePoint, from state: HamiltonianState, key: RandomKey) {
    point.state.copy(state)
    key.fillWithNormals(&point.momentum)
    // Through a pointer, since each access to a member of a class is checked.
    point.momentum.withUnsafeMutableBufferPointer { momentum in
      for i in momentum.indices { momentum[i] /= variances[i].squareRoot() }
    }
    point.kineticEnergy = dot(variances, point.momentum, point.momentum) / 2
  }

  /// One leapfrog step from a point to another: half a kick, a drift, half a kick. Negative `stepSize` goes back in time.
  /// One gradient, and no memory is asked for.
  package func leapfrog(from start: PhasePoint, to end: PhasePoint, stepSize: Double) throws(PosteriorError) {
    precondition(start !== end, "a step ends in another point than it starts from")
    let count = Int64(variances.count)
    ckernels_kick_and_drift(
      count, stepSize / 2, start.state.gradient, start.momentum, stepSize, variances, start.state.position,
      &end.momentum, &end.state.position)
    end.state.logDensity = try density.valueAndGradient(at: end.state.position, gradient: &end.state.gradient)
    end.kineticEnergy =
      ckernels_kick_and_measure(count, stepSize / 2, end.state.gradient, &end.momentum, variances) / 2
  }

  /// A step size one leapfrog step of which is accepted with probability about 0.8.
  /// - Throws: `PosteriorError` if there is none.
  package func reasonableStepSize(
    at state: HamiltonianState, from start: Double, key: RandomKey
  ) throws(PosteriorError) -> Double {
    let (point, next) = (PhasePoint(dimensions: variances.count), PhasePoint(dimensions: variances.count))
    return try Posterior.reasonableStepSize(from: start, key: key) { stepSize, key throws(PosteriorError) in
      refresh(point, from: state, key: key)
      try leapfrog(from: point, to: next, stepSize: stepSize)
      return next.energy - point.energy
    }
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

  /// Takes over another state's numbers into the memory it has.
  mutating func copy(_ other: HamiltonianState) {
    Posterior.copy(other.position, to: &position)
    Posterior.copy(other.gradient, to: &gradient)
    logDensity = other.logDensity
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
