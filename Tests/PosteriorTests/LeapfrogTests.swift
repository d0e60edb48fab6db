import Foundation
import Posterior
import Testing

/// The integrator on the harmonic oscillator, H = q²/2 + p²/2 in two dimensions with masses 1 and ¼.
@Suite struct LeapfrogTests {
  struct Oscillator: LogDensity {
    let dimensions = 2

    func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
      gradient = position.map { -$0 }
      return -position.reduce(0) { $0 + $1 * $1 } / 2
    }
  }

  let hamiltonian = Hamiltonian(density: Oscillator(), variances: [1, 4])

  func start() throws -> PhasePoint {
    let point = PhasePoint(dimensions: 2)
    (point.state, point.momentum) = (try hamiltonian.state(at: [1, -0.5]), [0.3, 0.7])
    point.kineticEnergy = (0.3 * 0.3 + 4 * 0.7 * 0.7) / 2
    return point
  }

  /// Follows the flow, and shows every point on the way.
  @discardableResult func follow(
    _ start: PhasePoint, steps: Int, stepSize: Double, seeing: (PhasePoint) -> Void = { _ in }
  ) throws -> PhasePoint {
    var (point, next) = (start, PhasePoint(dimensions: 2))
    for _ in 0..<steps {
      try hamiltonian.leapfrog(from: point, to: next, stepSize: stepSize)
      seeing(next)
      // The start is left as it was.
      (point, next) = (next, point === start ? PhasePoint(dimensions: 2) : point)
    }
    return point
  }

  func energyError(steps: Int, stepSize: Double) throws -> Double {
    let point = try start()
    let initial = point.energy
    var worst = 0.0
    try follow(point, steps: steps, stepSize: stepSize) { worst = max(worst, abs($0.energy - initial)) }
    return worst
  }

  @Test func energyErrorIsOfSecondOrderAndDoesNotGrow() throws {
    let errors = try [(100, 0.1), (200, 0.05), (400, 0.025)].map { try energyError(steps: $0.0, stepSize: $0.1) }
    #expect(abs(errors[0] / errors[1] - 4) < 0.2)
    #expect(abs(errors[1] / errors[2] - 4) < 0.05)
    // The error oscillates: a thousand periods find its maximum, which ten periods come close to.
    #expect(try energyError(steps: 100_000, stepSize: 0.1) < 1.3 * errors[0])
  }

  @Test func aQuarterPeriodTurnsPositionIntoMomentum() throws {
    let point = try follow(start(), steps: 10_000, stepSize: .pi / 2 / 10_000)
    // The first coordinate has frequency 1, the second √4 = 2: q₁(π/2) = p₁(0), q₂(π/2) = −q₂(0).
    #expect(abs(point.state.position[0] - 0.3) < 1e-7)
    #expect(abs(point.state.position[1] - 0.5) < 1e-7)
  }

  @Test func goingBackReturnsToTheStart() throws {
    let begin = try start()
    let point = try follow(follow(begin, steps: 1000, stepSize: 0.3), steps: 1000, stepSize: -0.3)
    for i in 0..<2 {
      #expect(abs(point.state.position[i] - begin.state.position[i]) < 1e-11)
      #expect(abs(point.momentum[i] - begin.momentum[i]) < 1e-11)
    }
  }
}
