import Foundation
import Tensors

/// An average that was stored: at a training time, with a power profile.
public struct AverageSnapshot: Hashable, Sendable {
  /// Training time it was taken at, in steps or images.
  public var time: Double
  /// γ of its profile.
  public var gamma: Double

  /// Makes the description.
  public init(time: Double, gamma: Double) {
    self.time = time
    self.gamma = gamma
  }

  /// ∫ p q dt of two profiles p(t) ∝ t^γ on 0...time (Karras et al. 2024, algorithm 3).
  func product(_ other: AverageSnapshot) -> Double {
    let exponent = time < other.time ? other.gamma : -gamma
    let ratio = pow(time / other.time, exponent)
    return (gamma + 1) * (other.gamma + 1) * ratio / ((gamma + other.gamma + 1) * max(time, other.time))
  }
}

/// The factors with which stored averages add up to one of another time and profile, by least squares over all profiles
/// (Karras et al. 2024, section 3.2).
/// - Parameter normalized: whether the factors are scaled to the sum 1, as EDM2 does and as weights of a network want it.
/// - Throws: `DiffusionError` if there are no snapshots, `TensorError` if two are the same.
public func postHocFactors(
  of snapshots: [AverageSnapshot], for wanted: AverageSnapshot, normalized: Bool = true
) throws -> [Double] {
  try require(!snapshots.isEmpty, "an average is put together from at least one stored one")
  let count = snapshots.count
  let products = try Tensor(
    snapshots.flatMap { a in snapshots.map { a.product($0) } }, shape: [count, count])
  let right = try Tensor(snapshots.map { $0.product(wanted) }, shape: [count, 1])
  let factors = try products.inverse().matmul(right).array(of: Double.self)
  let total = normalized ? factors.reduce(0, +) : 1
  return factors.map { $0 / total }
}

/// The sum of stored averages with factors: one list of tensors a snapshot, in the same order.
public func combine(_ snapshots: [[Tensor]], factors: [Double]) throws -> [Tensor] {
  try require(
    snapshots.count == factors.count && !snapshots.isEmpty, "as many factors are needed as stored averages")
  var sum = try snapshots[0].map { tensor throws(TensorError) in try tensor * factors[0] }
  for (tensors, factor) in zip(snapshots, factors).dropFirst() {
    sum = try zip(sum, tensors).map { pair throws(TensorError) in try pair.0 + pair.1 * factor }
  }
  return sum
}
