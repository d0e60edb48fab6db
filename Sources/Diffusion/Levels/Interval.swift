/// One step of a solver: from more noise to less.
public struct Interval: Hashable, Sendable {
  /// Where the step begins.
  public var from: NoiseLevel
  /// Where it ends; for chains of timesteps this need not be where the next step begins.
  public var to: NoiseLevel
  /// Whether ancestral sampling adds noise; it does not at the end of the chain.
  public var isNoisy: Bool

  /// Makes a step.
  public init(from: NoiseLevel, to: NoiseLevel, isNoisy: Bool? = nil) {
    self.from = from
    self.to = to
    self.isNoisy = isNoisy ?? (to.sigma > 0)
  }

  /// What the forward process multiplies data by from the end of the step to its beginning, α / α′.
  public var decay: Double { from.alpha / to.alpha }

  /// The variance that it adds: σ² − (α / α′)² σ′², β in a single step of a chain.
  public var addedVariance: Double { from.sigma * from.sigma - decay * decay * to.sigma * to.sigma }

  /// The variance of x′ given x and x₀, σ′² / σ² times the added variance (Ho et al. 2020, eq. 7).
  public var posteriorVariance: Double {
    let share = to.sigma / from.sigma
    return share * share * addedVariance
  }
}

extension [Interval] {
  /// The steps between neighbours of a list of levels.
  public init(through levels: [NoiseLevel]) {
    self = zip(levels, levels.dropFirst()).map { Interval(from: $0, to: $1) }
  }
}
