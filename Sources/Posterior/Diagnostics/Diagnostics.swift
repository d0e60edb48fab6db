import Foundation

/// How well the chains of one quantity have converged.
///
/// Source: Vehtari, Gelman, Simpson, Carpenter & Bürkner, "Rank-normalization, folding, and localization: an improved R̂",
/// Bayesian Analysis 16 (2021). Values agree with ArviZ.
public struct Diagnostics: Equatable, Sendable {
  /// Mean of all draws.
  public let mean: Double
  /// Standard deviation of all draws.
  public let standardDeviation: Double
  /// Monte Carlo standard error of the mean.
  public let meanError: Double
  /// Rank-normalised split R-hat, the larger of bulk and folded; not a number for one constant value. Mixed: ≤ 1.01.
  public let rHat: Double
  /// Effective sample size of the rank-normalised draws. Reliable: ≥ 100 a chain.
  public let bulkESS: Double
  /// The smaller effective sample size of the 5 % and 95 % quantiles.
  public let tailESS: Double

  /// Diagnoses the draws of one quantity; draws that are not finite give values that are not numbers.
  /// - Parameter chains: one array of draws a chain, of the same length, 4 or more.
  /// - Throws: `PosteriorError` if there is no chain, or lengths differ or are below 4.
  public init(chains: [[Double]]) throws(PosteriorError) {
    guard let length = chains.first?.count, length >= 4, chains.allSatisfy({ $0.count == length }) else {
      throw PosteriorError(
        .invalidArgument, "diagnostics need chains of one length, 4 draws or more, not \(chains.map(\.count))")
    }
    let table = DrawTable(chains: chains)
    let pooled = table.pooled
    let (mean, squares) = meanAndSquares(pooled)
    self.mean = mean
    standardDeviation = (squares / Double(pooled.count - 1)).squareRoot()
    guard pooled.allSatisfy(\.isFinite) else {
      (meanError, rHat, bulkESS, tailESS) = (.nan, .nan, .nan, .nan)
      return
    }
    let split = table.split
    let scores = RankScores(count: split.chains.count * split.chains[0].count)
    let bulk = split.rankNormalized(by: scores)
    let reductions = [bulk, split.folded.rankNormalized(by: scores)].map(\.potentialScaleReduction)
    rHat = reductions.contains(where: \.isNaN) ? .nan : max(reductions[0], reductions[1])
    bulkESS = bulk.effectiveSampleSize
    let sorted = pooled.sorted()
    let tails = [0.05, 0.95].map { probability in
      let bound = quantile(of: sorted, probability)
      return table.map { $0 <= bound ? 1 : 0 }.split.effectiveSampleSize
    }
    tailESS = min(tails[0], tails[1])
    meanError = standardDeviation / split.effectiveSampleSize.squareRoot()
  }

  /// E-BFMI of one chain: how far fresh momenta move the energy, relative to its spread. Below 0.3 the tails are not reached.
  ///
  /// Source: Betancourt, "Diagnosing suboptimal cotangent disintegrations in HMC", arXiv:1604.00695 (2016).
  /// - Parameter energies: H of every draw of the chain, `energy` in `sample_stats`.
  /// - Returns: mean (E_i − E_i−1)² over the variance of E; not a number for fewer than two draws.
  public static func energyFractionOfMissingInformation(energies: [Double]) -> Double {
    guard energies.count > 1 else { return .nan }
    let steps = zip(energies, energies.dropFirst()).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
    return steps / meanAndSquares(energies).squares
  }
}
