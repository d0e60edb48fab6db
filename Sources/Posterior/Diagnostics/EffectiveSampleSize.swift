import Foundation

extension DrawTable {
  /// The number of independent draws that would estimate the mean as well, from autocorrelations within and between chains.
  ///
  /// ESS = S / τ, τ = −1 + 2 Σ ρ_t, summed while pairs ρ_2k + ρ_2k+1 stay positive and made monotone (Geyer 1992).
  /// Source: Vehtari et al. 2021, §3.2; bounded by S log₁₀ S. A constant quantity gives S.
  var effectiveSampleSize: Double {
    let total = Double(chains.count * chains[0].count)
    let values = pooled
    guard let smallest = values.min(), let largest = values.max() else { return .nan }
    guard largest - smallest >= 1e-15 else { return total }
    return total / max(Autocorrelation(of: self).integratedTime(), 1 / log10(total))
  }

  /// R-hat: the square root of pooled over within-chain variance.
  ///
  /// Source: Vehtari et al. 2021, eq. 1–4. Not a number for a constant quantity.
  var potentialScaleReduction: Double {
    let n = Double(chains[0].count)
    let moments = chains.map(meanAndSquares)
    let within = moments.reduce(0) { $0 + $1.squares / (n - 1) } / Double(chains.count)
    let between = meanAndSquares(moments.map(\.mean)).squares / Double(chains.count - 1)
    return (between / within + (n - 1) / n).squareRoot()
  }
}

/// Autocorrelations of several chains together, each lag computed when it is asked for: most chains need few.
struct Autocorrelation {
  private let centered: [[Double]]
  private let length: Int
  /// Mean of the chains' variances, W.
  private let within: Double
  /// The pooled variance, var⁺.
  private let pooled: Double

  init(of table: DrawTable) {
    length = table.chains[0].count
    let moments = table.chains.map(meanAndSquares)
    centered = zip(table.chains, moments).map { chain, moment in chain.map { $0 - moment.mean } }
    let n = Double(length)
    within = moments.reduce(0) { $0 + $1.squares } / Double(table.chains.count) / (n - 1)
    let means = meanAndSquares(moments.map(\.mean)).squares / Double(max(table.chains.count - 1, 1))
    pooled = within * (n - 1) / n + means
  }

  /// ρ_t = 1 − (W − mean autocovariance at lag t) / var⁺.
  func correlation(lag: Int) -> Double {
    var sum = 0.0
    for chain in centered {
      chain.withUnsafeBufferPointer { chain in
        sum += dot(chain[..<(length - lag)], chain[lag...])
      }
    }
    return 1 - (within - sum / Double(length * centered.count)) / pooled
  }

  /// τ by Geyer's initial monotone sequence.
  func integratedTime() -> Double {
    var pair = (even: 1.0, odd: correlation(lag: 1))
    var tau = -1.0
    var smallest = Double.infinity
    var lag = 1
    while pair.even + pair.odd > 0 && lag < length - 3 {
      smallest = min(smallest, pair.even + pair.odd)
      tau += 2 * smallest
      pair = (correlation(lag: lag + 1), correlation(lag: lag + 2))
      lag += 2
    }
    // The even half of the pair that ended the sum still improves the estimate.
    return pair.even > 0 ? tau + pair.even : tau
  }
}
