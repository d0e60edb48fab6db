import Foundation

/// Draws of one quantity, one row a chain, all of one length: what convergence diagnostics work on.
struct DrawTable {
  /// One array of draws a chain.
  let chains: [[Double]]

  /// All draws, chain after chain.
  var pooled: [Double] { chains.flatMap { $0 } }

  /// Every chain cut into its first and its last half; a middle draw of an odd count is dropped.
  var split: DrawTable {
    DrawTable(
      chains: chains.flatMap { chain in
        [Array(chain.prefix(chain.count / 2)), Array(chain.suffix(chain.count / 2))]
      })
  }

  /// A function of every draw.
  func map(_ transform: (Double) -> Double) -> DrawTable {
    DrawTable(chains: chains.map { $0.map(transform) })
  }

  /// Distances from the median of all draws.
  var folded: DrawTable {
    let median = quantile(of: pooled.sorted(), 0.5)
    return map { abs($0 - median) }
  }

  /// Every draw replaced by the score of its rank among all draws.
  func rankNormalized(by scores: RankScores) -> DrawTable {
    let order = pooled.enumerated().map { (value: $1, index: $0) }.sorted { $0.value < $1.value }
    var normalized = [Double](repeating: 0, count: order.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && order[end].value == order[start].value { end += 1 }
      let score = scores.score(ofTied: start..<end)
      for entry in order[start..<end] { normalized[entry.index] = score }
      start = end
    }
    let length = chains[0].count
    return DrawTable(chains: chains.indices.map { Array(normalized[($0 * length)..<(($0 + 1) * length)]) })
  }
}

/// Normal scores z = Φ⁻¹((r − 3/8) / (S + 1/4)) of the ranks r = 1 … S.
///
/// Source: Vehtari, Gelman, Simpson, Carpenter & Bürkner, Bayesian Analysis 16 (2021), eq. 14, after Blom (1958).
struct RankScores {
  private let scores: [Double]

  init(count: Int) {
    let half = (0..<(count / 2)).map { Self.score(rank: Double($0 + 1), count: count) }
    scores = half + (count.isMultiple(of: 2) ? [] : [0]) + half.reversed().map { -$0 }
  }

  /// The score of the mean rank of draws at these places in the order, counted from 0.
  func score(ofTied places: Range<Int>) -> Double {
    guard places.count > 1 else { return scores[places.lowerBound] }
    return Self.score(rank: Double(places.lowerBound + places.upperBound + 1) / 2, count: scores.count)
  }

  private static func score(rank: Double, count: Int) -> Double {
    normalQuantile((rank - 0.375) / (Double(count) + 0.25))
  }
}

/// The quantile of sorted numbers, interpolated linearly (Hyndman & Fan's type 7).
func quantile(of sorted: [Double], _ probability: Double) -> Double {
  let position = probability * Double(sorted.count - 1)
  let lower = Int(position)
  let upper = min(lower + 1, sorted.count - 1)
  return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
}

/// Mean and sum of squared deviations.
func meanAndSquares(_ values: [Double]) -> (mean: Double, squares: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
}
