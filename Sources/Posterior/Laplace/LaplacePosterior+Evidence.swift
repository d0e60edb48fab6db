import Foundation

extension LaplacePosterior {
  /// The posterior whose prior precision, and noise, if they are to be learned, are the most probable ones given the data.
  ///
  /// MacKay's fixed point δ = γ / ‖θ*‖², σ² = Σ ‖y − f‖² / (rows · outputs − γ), is where the log evidence is stationary. Half a step
  /// on the log scale is taken towards it: d log γ / d log δ lies between −1 and 0, so that a scalar's distance to the fixed
  /// point at least halves each time. θ* stays where it is.
  ///
  /// Source: MacKay, "Bayesian interpolation", Neural Computation 4 (1992), eq. 4.6–4.9.
  /// - Parameters:
  ///   - isPerLayer: whether every layer gets a precision of its own.
  ///   - learnsPrior: whether the precision is learned; else it stays.
  ///   - learnsNoise: whether σ of Gaussian targets is learned, too.
  ///   - tolerance: of the logarithms of δ and σ².
  /// - Throws: `PosteriorError` if noise is to be learned of classes.
  public func maximizingEvidence(
    isPerLayer: Bool = false, learnsPrior: Bool = true, learnsNoise: Bool = false, tolerance: Double = 1e-6
  ) throws -> LaplacePosterior {
    try require(!learnsNoise || likelihood == .gaussian, "classes have no noise that could be learned")
    var posterior = self
    for _ in 0..<Self.stepsMax {
      let (priors, variance) = posterior.fixedPoint(isPerLayer: isPerLayer)
      let before = posterior.priorPrecisions.map { log($0) } + [2 * log(posterior.noiseDeviation)]
      let target =
        (learnsPrior ? priors.map { log($0) } : Array(before.dropLast()))
        + [learnsNoise ? log(variance) : before[priors.count]]
      let after = zip(before, target).map { ($0 + $1) / 2 }
      posterior = try posterior.with(
        priorPrecisions: learnsPrior ? after.dropLast().map { exp($0) } : priorPrecisions,
        noiseDeviation: exp(after[priors.count] / 2))
      let distance = zip(before, target).reduce(0) { max($0, abs($1.0 - $1.1)) }
      if distance < tolerance { break }
    }
    return posterior
  }

  private static let stepsMax = 200

  /// What δ and σ² would be if the present γ were right, within bounds that keep matrices invertible.
  private func fixedPoint(isPerLayer: Bool) -> (priors: [Double], variance: Double) {
    let effective = effectiveParameters
    let all = effective.reduce(0, +)
    func bounded(_ value: Double) -> Double { min(max(value, 1e-10), 1e10) }
    let priors =
      if isPerLayer {
        zip(effective, squares).map { bounded($0 / $1) }
      } else {
        squares.map { _ in bounded(all / squares.reduce(0, +)) }
      }
    // A structure that is not full may count more effective weights than there are targets.
    let freedom = max(Double(misfit.rows * misfit.outputs) - all, 1)
    return (priors, likelihood == .gaussian ? bounded(misfit.sum / freedom) : 1)
  }
}
