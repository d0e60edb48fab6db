import Foundation

/// Tunes a step size so that the mean acceptance rate meets a target.
///
/// Source: Hoffman & Gelman, JMLR 15 (2014), §3.2, after Nesterov (2009), with their t₀ = 10 and κ = 0.75.
public struct DualAveraging: Equatable, Sendable {
  /// How boldly to look for a step size.
  public struct Gain: Equatable, Sendable {
    /// γ: the smaller, the further log ε moves for the same error of the acceptance rate.
    let shrinkage: Double
    /// e^μ / ε₀: where log ε is drawn to.
    let start: Double

    /// Hoffman and Gelman's: large steps are tried first, since they are cheaper.
    public static let hamiltonian = Gain(shrinkage: 0.05, start: 10)
    /// For a random walk, whose steps all cost the same, and whose acceptance rates scatter over all of 0…1: with γ = 0.05
    /// fifty of them would leave log ε uncertain by several units.
    public static let randomWalk = Gain(shrinkage: 0.5, start: 1)
  }

  private let target: Double
  private let gain: Gain
  private var mu: Double
  private var hBar = 0.0
  private var logStepSizeBar = 0.0
  private var count = 0

  /// Starts at a step size.
  package init(target: Double, gain: Gain = .hamiltonian, stepSize: Double) {
    self.target = target
    self.gain = gain
    mu = log(gain.start * stepSize)
  }

  /// Takes in an acceptance rate; returns the step size to use next.
  package mutating func update(acceptanceRate: Double) -> Double {
    count += 1
    let m = Double(count)
    let eta = 1 / (m + 10)
    hBar += eta * (target - (acceptanceRate.isNaN ? 0 : min(1, acceptanceRate)) - hBar)
    let logStepSize = mu - hBar * m.squareRoot() / gain.shrinkage
    let weight = pow(m, -0.75)
    logStepSizeBar += weight * (logStepSize - logStepSizeBar)
    return exp(logStepSize)
  }

  /// The averaged step size, to be used after warm-up.
  package var averagedStepSize: Double { exp(logStepSizeBar) }

  func save(to snapshot: inout Snapshot) {
    snapshot.save([mu, hBar, logStepSizeBar], as: "dual_averaging")
    snapshot.save(count, as: "dual_averaging_count")
  }

  init(from snapshot: Snapshot, target: Double, gain: Gain) throws(PosteriorError) {
    let values = try snapshot.vector("dual_averaging", count: 3)
    self.target = target
    self.gain = gain
    (mu, hBar, logStepSizeBar) = (values[0], values[1], values[2])
    count = try snapshot.counter("dual_averaging_count")
  }
}
