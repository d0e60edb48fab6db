import Tensors

/// How sure a classifier is of each picture, and how many classes they show: exp of the mean of KL(p(y|x) ‖ p(y)).
///
/// Source: Salimans et al. 2016, equation 1. With several splits, the mean over equal parts of the pictures, in their order.
/// - Parameter probabilities: `[n, classes]`, rows that sum to 1.
/// - Throws: `MetricError` if these are no probabilities, or fewer pictures than splits.
public func inceptionScore(_ probabilities: Tensor, splits: Int = 1) throws -> Double {
  let p = try checkedFeatures(probabilities, countMin: max(splits, 1))
  guard splits > 0, try p.minimum().scalar() >= 0,
    try (p.sum(along: 1) - Tensor.full(1, shape: [], type: .float64)).abs().maximum().scalar() < 1e-3
  else { throw MetricError(.features, "an inception score needs probabilities of classes, one row a picture") }
  let count = p.shape[0]
  let scores = try (0..<splits).map { part in
    let (start, end) = (part * count / splits, (part + 1) * count / splits)
    let rows = try p.narrowed(start: start, length: end - start)
    let marginal = try rows.mean(along: 0, keepingDimension: true)
    // 0 log 0 is 0.
    let logarithms = try rows.clamped(from: 1e-300).log() - marginal.clamped(from: 1e-300).log()
    return try (rows * logarithms).sum(along: 1).mean().exp().scalar()
  }
  return scores.reduce(0, +) / Double(splits)
}
