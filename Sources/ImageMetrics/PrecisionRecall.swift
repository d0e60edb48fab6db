import Tensors

/// How much of the generated pictures is realistic, and how much of the real ones is covered.
///
/// A set of features spans the balls around each of them that reach to its k-th nearest neighbour in the set. Precision is the
/// share of generated features that lie in a ball of the real ones, recall the share of real features that lie in a ball of the
/// generated ones (Kynkäänniemi et al. 2019, equations 1 and 2).
public struct PrecisionRecall: Equatable, Sendable {
  /// Share of generated pictures that look like real ones.
  public let precision: Double
  /// Share of real pictures that generated ones look like.
  public let recall: Double

  /// Compares features `[m, d]` of real pictures with features `[n, d]` of generated ones.
  /// - Throws: `MetricError` for features of different widths, or not more than k pictures.
  public init(real: Tensor, generated: Tensor, neighbours k: Int = 3) throws {
    guard k > 0 else { throw MetricError(.features, "the number of neighbours must be at least 1") }
    let real = try checkedFeatures(real, countMin: k + 1)
    let generated = try checkedFeatures(generated, countMin: k + 1)
    try requireEqualWidths(real, generated)
    precision = try Self.covered(generated, by: real, neighbours: k)
    recall = try Self.covered(real, by: generated, neighbours: k)
  }

  /// Share of `points` that lie in a ball of `centres`.
  private static func covered(_ points: Tensor, by centres: Tensor, neighbours k: Int) throws -> Double {
    var radii: [Tensor] = []
    try forEachBlock(centres, centres) { distances in
      // The nearest is the centre itself.
      radii.append(try distances.sorted(along: 1).narrowed(dimension: 1, start: k, length: 1))
    }
    let limits = try Tensor.concatenated(radii, along: 0).reshaped(to: [1, centres.shape[0]])
    var count = 0.0
    try forEachBlock(points, centres) { distances in
      let outside = try distances.isGreater(than: limits).converted(to: .float64).minimum(along: 1)
      count += Double(outside.shape[0]) - (try outside.sum().scalar())
    }
    return count / Double(points.shape[0])
  }

  /// Squared distances of some rows of `a` at a time to all rows of `b`.
  private static func forEachBlock(_ a: Tensor, _ b: Tensor, _ body: (Tensor) throws -> Void) throws {
    let columns = try b.transposed()
    let squares = try b.squared().sum(along: 1).reshaped(to: [1, b.shape[0]])
    for start in stride(from: 0, to: a.shape[0], by: pairRows) {
      let rows = try a.narrowed(start: start, length: min(pairRows, a.shape[0] - start))
      let products = try rows.matmul(columns) * 2
      try body((rows.squared().sum(along: 1, keepingDimension: true) + squares - products).clamped(from: 0))
    }
  }
}
