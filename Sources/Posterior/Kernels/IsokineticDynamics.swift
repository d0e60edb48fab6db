import Foundation
import Specification
import Tensors

/// Motion at unit speed whose direction turns towards higher density: what microcanonical kernels share.
///
/// In coordinates scaled by the deviations √v, with u the direction, |u| = 1, and g the gradient of log π:
///
///     dx/dt = u,   du/dt = (I − u uᵀ) g / (d − 1).
///
/// Its stationary distribution is π. Both halves have closed solutions; a step of size ε applies them in turn (`kick`,
/// drift). E = −log π + K is conserved but for the error of the step, where K grows by (d − 1) log(cosh δ + e·u sinh δ) in
/// a kick, e = g / |g|, δ = ε |g| / (d − 1).
/// Source: Robnik, De Luca, Silverstein & Seljak, "Microcanonical Hamiltonian Monte Carlo", JMLR 24 (2023); Ver Steeg &
/// Galstyan, "Hamiltonian dynamics with non-Newtonian momentum", NeurIPS 2021; K's change: Robnik, Cohn-Gordon & Seljak,
/// arXiv:2503.01707 (2025).
public struct IsokineticDynamics {
  let density: any LogDensity
  /// Estimated variance v of every coordinate.
  public var variances: [Double] {
    didSet { scales = variances.map { $0.squareRoot() } }
  }
  private var scales: [Double]
  /// Parts of ε by which the direction turns; between two of them the position moves.
  private let kicks: [Double]

  package init(density: any LogDensity, integrator: MicrocanonicalIntegrator) {
    self.density = density
    variances = [Double](repeating: 1, count: density.dimensions)
    scales = variances
    kicks =
      switch integrator {
      case .leapfrog: [0.5, 0.5]
      // McLachlan, SIAM J. Sci. Comput. 16 (1995): the least error among symmetric steps of two gradients.
      case .minimalNorm: [0.1931833275037836, 1 - 2 * 0.1931833275037836, 0.1931833275037836]
      }
  }

  /// Gradients that a step takes.
  var gradients: Int { kicks.count - 1 }

  /// √d: the extent of a distribution whose coordinates have variance 1.
  var extent: Double { Double(variances.count).squareRoot() }

  /// The state at a position, moving uphill.
  package func state(at position: [Double]) throws(PosteriorError) -> MicrocanonicalState {
    try density.requireCount(position.count)
    var state = MicrocanonicalState(at: position)
    state.logDensity = try density.valueAndGradient(at: position, gradient: &state.gradient)
    addScaled(1, scales, state.gradient, to: &state.direction, scaledBy: 0)
    if !(dot(state.direction, state.direction) > 0) { state.direction = position.map { _ in 1 } }
    normalize(&state.direction)
    return state
  }

  /// One step of size ε.
  /// - Returns: the change of E; not a number, or infinite, where there is no density.
  package func step(_ state: inout MicrocanonicalState, stepSize: Double) throws(PosteriorError) -> Double {
    let start = state.logDensity
    var kineticChange = kick(&state, by: kicks[0] * stepSize)
    for part in kicks.dropFirst() {
      addScaled(stepSize / Double(gradients), scales, state.direction, to: &state.position)
      state.logDensity = try density.valueAndGradient(at: state.position, gradient: &state.gradient)
      kineticChange += kick(&state, by: part * stepSize)
    }
    return kineticChange - (state.logDensity - start)
  }

  /// u ← (u + e (sinh δ + e·u (cosh δ − 1))) / (cosh δ + e·u sinh δ), in powers of ζ = e^(−δ), which cannot overflow.
  /// - Returns: the change of K.
  private func kick(_ state: inout MicrocanonicalState, by stepSize: Double) -> Double {
    let norm = dot(variances, state.gradient, state.gradient).squareRoot()
    guard norm != 0 else { return 0 }
    let freedom = Double(variances.count - 1)
    let cosine = dot(scales, state.gradient, state.direction) / norm
    let delta = stepSize * norm / freedom
    let zeta = exp(-delta)
    let divisor = 1 + cosine + (1 - cosine) * zeta * zeta
    let uphill = (1 - zeta) * (1 + zeta + cosine * (1 - zeta))
    addScaled(uphill / (divisor * norm), scales, state.gradient, to: &state.direction, scaledBy: 2 * zeta / divisor)
    return freedom * (delta + log(divisor / 2))
  }

  /// u ← (u + ν z) / |u + ν z|, z ~ N(0, I).
  package func refresh(_ state: inout MicrocanonicalState, by nu: Double, key: RandomKey) {
    key.fillWithNormals(&state.noise)
    addScaled(nu, state.noise, to: &state.direction)
    normalize(&state.direction)
  }

  /// A direction that is uniform on the sphere.
  package func refresh(_ direction: inout [Double], key: RandomKey) {
    key.fillWithNormals(&direction)
    normalize(&direction)
  }
}

/// What microcanonical kernels carry from step to step.
public struct MicrocanonicalState: KernelState {
  /// The position the chain is at.
  public var position: [Double]
  /// The log density there.
  public var logDensity = -Double.infinity
  /// The gradient of the log density there.
  public var gradient: [Double]
  /// The direction of motion u in scaled coordinates, |u| = 1.
  public var direction: [Double]
  /// Where a step began, for the way back; no part of a snapshot.
  var origin: [Double]
  /// Where the noise of a step is drawn, so that none asks for memory; no part of a snapshot.
  var noise: [Double]

  init(at position: [Double]) {
    (self.position, origin) = (position, position)
    gradient = [Double](repeating: 0, count: position.count)
    (direction, noise) = (gradient, gradient)
  }

  /// Adds position, density, gradient and direction.
  public func save(to snapshot: inout Snapshot) {
    snapshot.save(position, as: "position")
    snapshot.save(logDensity, as: "log_density")
    snapshot.save(gradient, as: "gradient")
    snapshot.save(direction, as: "direction")
  }

  /// Restores position, density, gradient and direction.
  public init(from snapshot: Snapshot, dimensions: Int) throws(PosteriorError) {
    self.init(at: try snapshot.vector("position", count: dimensions))
    logDensity = try snapshot.scalar("log_density")
    gradient = try snapshot.vector("gradient", count: dimensions)
    direction = try snapshot.vector("direction", count: dimensions)
  }
}
