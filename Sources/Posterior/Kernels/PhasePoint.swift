/// A point of phase space. It is a reference, so that the ends of a trajectory and its draw may be the same point.
package final class PhasePoint {
  package var state: HamiltonianState
  package var momentum: [Double]
  /// ½ pᵀ M⁻¹ p
  package var kineticEnergy = 0.0

  package init(dimensions: Int) {
    momentum = [Double](repeating: 0, count: dimensions)
    state = HamiltonianState(position: momentum, logDensity: 0, gradient: momentum)
  }

  /// H; +∞ where there is no density.
  package var energy: Double {
    let energy = kineticEnergy - state.logDensity
    return energy.isNaN ? .infinity : energy
  }
}

/// Memory for trajectories, used again and again, so that a step of a sampler asks for none.
///
/// It belongs to one kernel on one thread, and holds nothing that a step depends on.
final class PhaseMemory {
  private let dimensions: Int
  private var points: [PhasePoint] = []
  private var sums: [[Double]] = []
  private var cursor = 0

  init(dimensions: Int) { self.dimensions = dimensions }

  /// A point that nothing else holds; its contents are those of its last use.
  func point() -> PhasePoint {
    for _ in points.indices {
      cursor = (cursor + 1) % points.count
      if isKnownUniquelyReferenced(&points[cursor]) { return points[cursor] }
    }
    let point = PhasePoint(dimensions: dimensions)
    points.append(point)
    return point
  }

  /// x + y in a vector that was given back, if there is one.
  func sum(_ x: [Double], _ y: [Double]) -> [Double] {
    var sum = sums.popLast() ?? [Double](repeating: 0, count: dimensions)
    copy(x, to: &sum)
    addScaled(1, y, to: &sum)
    return sum
  }

  /// Gives a vector back that `sum` returned.
  func reuse(_ vector: consuming [Double]) { sums.append(vector) }
}
