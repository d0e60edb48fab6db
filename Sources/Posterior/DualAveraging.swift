import Foundation

/// Tunes a step size so that the mean acceptance rate meets a target.
///
/// Source: Hoffman & Gelman, JMLR 15 (2014), §3.2, after Nesterov (2009), with their γ = 0.05, t₀ = 10, κ = 0.75 and
/// μ = log(10 ε₀).
package struct DualAveraging: Equatable {
  private let target: Double
  private var mu: Double
  private var hBar = 0.0
  private var logStepSizeBar = 0.0
  private var count = 0

  /// Starts at a step size.
  package init(target: Double, stepSize: Double) {
    self.target = target
    mu = log(10 * stepSize)
  }

  /// Takes in an acceptance rate; returns the step size to use next.
  package mutating func update(acceptanceRate: Double) -> Double {
    count += 1
    let m = Double(count)
    let eta = 1 / (m + 10)
    hBar += eta * (target - (acceptanceRate.isNaN ? 0 : min(1, acceptanceRate)) - hBar)
    let logStepSize = mu - hBar * m.squareRoot() / 0.05
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

  init(from snapshot: Snapshot, target: Double) throws(PosteriorError) {
    let values = try snapshot.vector("dual_averaging", count: 3)
    self.target = target
    (mu, hBar, logStepSizeBar) = (values[0], values[1], values[2])
    count = try snapshot.counter("dual_averaging_count")
  }
}
