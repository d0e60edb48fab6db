import Foundation

/// Tunes a step size so that the variance of the energy error, per dimension, meets a target.
///
/// The error of one step goes as ε³, its square as ε⁶: every step whose squared error is ξ times the target suggests
/// ε ξ^(−1/6). Suggestions are averaged as ξ / ε⁶, with weights that fall with their distance from ξ = 1 and with age.
/// Source: Robnik, De Luca, Silverstein & Seljak, JMLR 24 (2023), §4.
struct EnergyVarianceTuning: Equatable {
  /// γ = (m − 1) / (m + 1): the average remembers about m = 150 steps.
  private static let memory = 149.0 / 151
  /// Deviation of log ξ at which a suggestion loses its weight: a factor 1.5 of log ε.
  private static let trust = 6 * 1.5

  private let dimensions: Double
  private var sum = 0.0
  private var weight = 0.0
  private var largest = Double.infinity

  init(dimensions: Int) { self.dimensions = Double(dimensions) }

  /// Takes in the energy error of a step; returns the step size to use next, for errors of this variance per dimension.
  mutating func update(energyError: Double, isDivergent: Bool, stepSize: Double, variance: Double) -> Double {
    guard !isDivergent else {
      largest = 0.8 * stepSize
      return largest
    }
    let xi = energyError * energyError / (variance * dimensions) + 1e-8
    let confidence = exp(-pow(log(xi) / Self.trust, 2) / 2)
    sum = Self.memory * sum + confidence * xi / pow(stepSize, 6)
    weight = Self.memory * weight + confidence
    return min(pow(sum / weight, -1.0 / 6), largest)
  }

  func save(to snapshot: inout Snapshot) {
    snapshot.save([sum, weight, largest], as: "energy_variance")
  }

  init(from snapshot: Snapshot, dimensions: Int) throws(PosteriorError) {
    self.init(dimensions: dimensions)
    let values = try snapshot.vector("energy_variance", count: 3)
    (sum, weight, largest) = (values[0], values[1], values[2])
  }
}
