import Foundation
import Tensors
import Uncertainty

/// A stretch of a Hamiltonian trajectory, of which only its ends, its sums and one draw are kept.
struct Trajectory {
  /// A point that may become the next state.
  struct Proposal {
    var state: HamiltonianState
    var energy: Double
  }

  /// The earliest point in time.
  var first: PhasePoint
  /// The latest point in time.
  var last: PhasePoint
  /// ρ, the sum of the points' momenta.
  var momentumSum: [Double]
  /// A point drawn with probability proportional to e^(−H).
  var proposal: Proposal
  /// log Σ e^(H₀ − H) over the points.
  var logWeight: Double

  /// The trajectory of one point.
  init(of point: PhasePoint, energy: Double, logWeight: Double) {
    first = point
    last = point
    momentumSum = point.momentum
    proposal = Proposal(state: point.state, energy: energy)
    self.logWeight = logWeight
  }

  /// Joins a trajectory that follows in time, or precedes if not `isForward`; keeps this one's proposal.
  /// - Returns: whether the whole turns back on itself.
  mutating func append(_ other: Trajectory, isForward: Bool, variances: [Double]) -> Bool {
    let (earlier, later) = isForward ? (self, other) : (other, self)
    let whole = sum(earlier.momentumSum, later.momentumSum)
    let (a, b) = (earlier.first.momentum, later.last.momentum)
    // The two further tests see a U-turn that closes between the halves (Stan pull request 2800).
    let isTurning =
      turns(whole, a, b, variances)
      || turns(sum(earlier.momentumSum, later.first.momentum), a, later.first.momentum, variances)
      || turns(sum(later.momentumSum, earlier.last.momentum), earlier.last.momentum, b, variances)
    first = earlier.first
    last = later.last
    momentumSum = whole
    logWeight = logSumExp(logWeight, other.logWeight)
    return isTurning
  }

  /// Whether ρ points against the velocity M⁻¹p at the first or the last point.
  private func turns(_ rho: [Double], _ first: [Double], _ last: [Double], _ variances: [Double]) -> Bool {
    dot(variances, first, rho) <= 0 || dot(variances, last, rho) <= 0
  }
}

/// The account of one step: where it began, what it drew, and how far it went.
struct Walk {
  let hamiltonian: Hamiltonian
  let stepSize: Double
  let initialEnergy: Double
  let key: RandomKey
  private(set) var steps = 0
  private(set) var acceptanceSum = 0.0
  private(set) var isDivergent = false
  private var draws = 0

  init(hamiltonian: Hamiltonian, stepSize: Double, initialEnergy: Double, key: RandomKey) {
    self.hamiltonian = hamiltonian
    self.stepSize = stepSize
    self.initialEnergy = initialEnergy
    self.key = key
  }

  /// The next uniform number of this step.
  mutating func uniform() -> Double {
    defer { draws += 1 }
    return key.uniform(at: draws)
  }

  /// 2^depth further points beyond `end`; nil if they diverge or turn back on themselves.
  mutating func build(depth: Int, from end: PhasePoint, isForward: Bool) throws(PosteriorError) -> Trajectory? {
    guard depth > 0 else { return try point(after: end, isForward: isForward) }
    guard var near = try build(depth: depth - 1, from: end, isForward: isForward) else { return nil }
    let middle = isForward ? near.last : near.first
    guard let far = try build(depth: depth - 1, from: middle, isForward: isForward) else { return nil }
    if log(uniform()) < far.logWeight - logSumExp(near.logWeight, far.logWeight) { near.proposal = far.proposal }
    let isTurning = near.append(far, isForward: isForward, variances: hamiltonian.variances)
    return isTurning ? nil : near
  }

  private mutating func point(after end: PhasePoint, isForward: Bool) throws(PosteriorError) -> Trajectory? {
    var point = end
    try hamiltonian.leapfrog(&point, stepSize: isForward ? stepSize : -stepSize)
    let energy = hamiltonian.energy(of: point)
    let logWeight = initialEnergy - energy
    steps += 1
    acceptanceSum += min(1, exp(logWeight))
    guard -logWeight <= Hamiltonian.divergenceThreshold else {
      isDivergent = true
      return nil
    }
    return Trajectory(of: point, energy: energy, logWeight: logWeight)
  }
}
