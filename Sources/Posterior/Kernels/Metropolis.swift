import Foundation
import Specification
import Tensors

/// Random-walk Metropolis: propose q' = q + ε √v ∘ z with z ~ N(0, I), accept with probability min(1, π(q') / π(q)).
///
/// Source: Metropolis et al., J. Chem. Phys. 21 (1953); scaling after Roberts, Gelman & Gilks, Ann. Appl. Prob. 7 (1997):
/// ε = 2.38 / √n and an acceptance rate of 0.234 are optimal in high dimension. v are the coordinates' variances.
public struct Metropolis: TunableKernel {
  /// The position and its density.
  public struct State: KernelState {
    /// The position the chain is at.
    public var position: [Double]
    /// The log density there.
    public var logDensity: Double

    /// Adds position and density.
    public func save(to snapshot: inout Snapshot) {
      snapshot.save(position, as: "position")
      snapshot.save(logDensity, as: "log_density")
    }
  }

  /// What a step reports.
  public struct Info: KernelInfo {
    /// min(1, π(q') / π(q)).
    public let acceptanceRate: Double
    /// Whether the proposal was taken.
    public let isAccepted: Bool
    /// Never: there is no integrator.
    public var isDivergent: Bool { false }
    /// One evaluation of the density.
    public var steps: Int { 1 }
    /// `acceptance_rate`, `accepted`.
    public var statistics: [SampleStatistic] {
      [SampleStatistic("acceptance_rate", .real(acceptanceRate)), SampleStatistic("accepted", .truth(isAccepted))]
    }
  }

  /// Scattered acceptance rates, and no reason to try large steps first.
  public static let gain = DualAveraging.Gain.randomWalk
  /// The factor ε of the proposal's deviations.
  public var stepSize: Double
  /// Estimated variance of every coordinate.
  public var variances: [Double]
  /// The acceptance rate that warm-up aims at.
  public let targetAcceptance: Double
  let density: any LogDensity

  /// Makes the kernel of a density.
  public init(density: any LogDensity, configuration: MetropolisConfiguration = MetropolisConfiguration()) {
    self.density = density
    stepSize = configuration.initialStepSize
    variances = [Double](repeating: 1, count: density.dimensions)
    targetAcceptance = configuration.targetAcceptance
  }

  /// The state at a position.
  public func initialState(at position: [Double]) throws(PosteriorError) -> State {
    try density.requireCount(position.count)
    return State(position: position, logDensity: try density.value(at: position))
  }

  /// One proposal, taken or not.
  public func step(_ state: inout State, key: RandomKey) throws(PosteriorError) -> Info {
    var proposal = state.position
    let normals = key.purpose("proposal").normals(count: proposal.count)
    for i in proposal.indices { proposal[i] += stepSize * variances[i].squareRoot() * normals[i] }
    let logDensity = try density.value(at: proposal)
    let ratio = exp(logDensity - state.logDensity)
    let acceptanceRate = ratio.isNaN ? 0 : min(1, ratio)
    let isAccepted = key.purpose("acceptance").uniform() < acceptanceRate
    if isAccepted { state = State(position: proposal, logDensity: logDensity) }
    return Info(acceptanceRate: acceptanceRate, isAccepted: isAccepted)
  }

  /// The configured step before anything is known, then the optimal 2.38 / √n.
  public func reasonableStepSize(at state: State, variancesKnown: Bool, key: RandomKey) -> Double {
    variancesKnown ? 2.38 / Double(variances.count).squareRoot() : stepSize
  }
}

extension Metropolis.State {
  /// Restores position and density.
  public init(from snapshot: Snapshot, dimensions: Int) throws(PosteriorError) {
    position = try snapshot.vector("position", count: dimensions)
    logDensity = try snapshot.scalar("log_density")
  }
}
