import Foundation
import Tensors
import Uncertainty

/// A stretch of a Hamiltonian trajectory, of which only its ends, its sums and one draw are kept.
struct Trajectory {
  /// The earliest point in time.
  private(set) var first: PhasePoint
  /// The latest point in time.
  private(set) var last: PhasePoint
  /// A point drawn with probability proportional to e^(−H).
  var proposal: PhasePoint
  /// log Σ e^(H₀ − H) over the points.
  private(set) var logWeight: Double
  /// ρ if there are several points, else empty.
  private var sum: [Double] = []

  /// The trajectory of one point.
  init(of point: PhasePoint, logWeight: Double) {
    first = point
    last = point
    proposal = point
    self.logWeight = logWeight
  }

  /// ρ, the sum of the points' momenta.
  var momentumSum: [Double] { sum.isEmpty ? first.momentum : sum }

  /// Joins a trajectory that follows in time, or precedes if not `isForward`; keeps this one's proposal. The other one is used up.
  /// - Returns: whether the whole turns back on itself.
  mutating func append(
    _ other: inout Trajectory, isForward: Bool, variances: [Double], memory: PhaseMemory
  ) -> Bool {
    let isTurning = isForward ? turns(before: other, variances) : other.turns(before: self, variances)
    addMomenta(of: &other, memory)
    if isForward { last = other.last } else { first = other.first }
    logWeight = logSumExp(logWeight, other.logWeight)
    return isTurning
  }

  /// Whether ρ of this trajectory and a later one points against the velocity M⁻¹p at the first or the last point. The two
  /// further tests see a U-turn that closes between the halves (Stan pull request 2800).
  private func turns(before later: Trajectory, _ variances: [Double]) -> Bool {
    let (start, end) = (first.momentum, later.last.momentum)
    let (left, right) = (last.momentum, later.first.momentum)
    return Posterior.turns(variances, momentumSum, later.momentumSum, first: start, last: end)
      || Posterior.turns(variances, momentumSum, right, first: start, last: right)
      || Posterior.turns(variances, left, later.momentumSum, first: left, last: end)
  }

  private mutating func addMomenta(of other: inout Trajectory, _ memory: PhaseMemory) {
    if sum.isEmpty && other.sum.isEmpty {
      sum = memory.sum(first.momentum, other.first.momentum)
    } else if sum.isEmpty {
      swap(&sum, &other.sum)
      addScaled(1, first.momentum, to: &sum)
    } else {
      addScaled(1, other.momentumSum, to: &sum)
    }
    if !other.sum.isEmpty {
      memory.reuse(other.sum)
      other.sum = []
    }
  }
}

/// The account of one step: where it began, what it drew, and how far it went.
struct Walk {
  let hamiltonian: Hamiltonian
  let memory: PhaseMemory
  let stepSize: Double
  let initialEnergy: Double
  let key: RandomKey
  private(set) var steps = 0
  private(set) var acceptanceSum = 0.0
  private(set) var isDivergent = false
  private var draws = 0

  init(hamiltonian: Hamiltonian, memory: PhaseMemory, stepSize: Double, initialEnergy: Double, key: RandomKey) {
    self.hamiltonian = hamiltonian
    self.memory = memory
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
    guard var far = try build(depth: depth - 1, from: middle, isForward: isForward) else { return nil }
    if log(uniform()) < far.logWeight - logSumExp(near.logWeight, far.logWeight) { near.proposal = far.proposal }
    let isTurning = near.append(&far, isForward: isForward, variances: hamiltonian.variances, memory: memory)
    return isTurning ? nil : near
  }

  private mutating func point(after end: PhasePoint, isForward: Bool) throws(PosteriorError) -> Trajectory? {
    let point = memory.point()
    try hamiltonian.leapfrog(from: end, to: point, stepSize: isForward ? stepSize : -stepSize)
    let logWeight = initialEnergy - point.energy
    steps += 1
    acceptanceSum += min(1, exp(logWeight))
    guard -logWeight <= Hamiltonian.divergenceThreshold else {
      isDivergent = true
      return nil
    }
    return Trajectory(of: point, logWeight: logWeight)
  }
}
