import Tensors

/// What HMC and NUTS share: a state with its gradient, and a step that one leapfrog suggests.
public protocol HamiltonianKernel: TunableKernel where State == HamiltonianState {
  /// The dynamics, with the variances that warm-up learns.
  var hamiltonian: Hamiltonian { get set }
}

extension HamiltonianKernel {
  /// Hoffman and Gelman's.
  public static var gain: DualAveraging.Gain { .hamiltonian }

  /// Estimated variance of every coordinate, the diagonal of M⁻¹.
  public var variances: [Double] {
    get { hamiltonian.variances }
    set { hamiltonian.variances = newValue }
  }

  /// The state at a position; one gradient.
  public func initialState(at position: [Double]) throws(PosteriorError) -> HamiltonianState {
    try hamiltonian.state(at: position)
  }

  /// A step found by doubling or halving, see `Hamiltonian`.
  public func reasonableStepSize(
    at state: HamiltonianState, variancesKnown: Bool, key: RandomKey
  ) throws(PosteriorError) -> Double {
    try hamiltonian.reasonableStepSize(at: state, from: stepSize, key: key)
  }
}
