import Tensors

/// The squared maximum mean discrepancy of two sets of features, unbiased, which on Inception's features is the KID.
///
/// The kernel is (x·y / d + 1)³ (Bińkowski, Sutherland, Arbel and Gretton 2018, section 4; Gretton et al. 2012, equation 3).
/// - Parameters:
///   - a: `[m, d]`, two pictures or more.
///   - b: `[n, d]`, two pictures or more.
/// - Throws: `MetricError` for too few pictures or features of different widths.
public func kernelDistance(_ a: Tensor, _ b: Tensor) throws -> Double {
  let (a, b) = (try checkedFeatures(a, countMin: 2), try checkedFeatures(b, countMin: 2))
  try requireEqualWidths(a, b)
  let (m, n) = (Double(a.shape[0]), Double(b.shape[0]))
  let within = { (x: Tensor, count: Double) throws in
    // A picture is not compared with itself.
    let own = try polynomial(x.squared().sum(along: 1), width: x.shape[1]).sum().scalar()
    return (try kernelSum(x, x) - own) / (count * (count - 1))
  }
  return try within(a, m) + within(b, n) - 2 * kernelSum(a, b) / (m * n)
}

/// The same, as the mean over random subsets of both sets, with its standard error: how KID is reported for many pictures.
/// - Throws: `MetricError` if a set is smaller than a subset.
public func kernelDistance(
  _ a: Tensor, _ b: Tensor, subsets: Int, subsetSize: Int, key: RandomKey
) throws -> (mean: Double, standardError: Double) {
  guard subsets > 1, subsetSize > 1, min(a.shape[0], b.shape[0]) >= subsetSize else {
    let found = "\(subsets) subsets of \(subsetSize) pictures"
    throw MetricError(.features, "\(found) cannot be drawn from \(a.shape[0]) and \(b.shape[0]); draw smaller ones")
  }
  let distances = try (0..<subsets).map { number in
    let key = key.folding(in: UInt64(number))
    let rows = { (x: Tensor, name: String) in
      let order = key.purpose(name).uniforms(count: x.shape[0]).enumerated().sorted { ($0.1, $0.0) < ($1.1, $1.0) }
      return try x.rows(at: Tensor(order.prefix(subsetSize).map { Int64($0.offset) }))
    }
    return try kernelDistance(rows(a, "first"), rows(b, "second"))
  }
  let mean = distances.reduce(0, +) / Double(subsets)
  let variance = distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(subsets - 1)
  return (mean, (variance / Double(subsets)).squareRoot())
}

/// Rows of a matrix of pairs that are computed at once, which bounds memory.
let pairRows = 512

/// Sum of the kernel over all pairs.
private func kernelSum(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Double {
  let columns = try b.transposed()
  var sum = 0.0
  for start in stride(from: 0, to: a.shape[0], by: pairRows) {
    let rows = try a.narrowed(start: start, length: min(pairRows, a.shape[0] - start))
    sum += try polynomial(rows.matmul(columns), width: a.shape[1]).sum().scalar()
  }
  return sum
}

private func polynomial(_ products: Tensor, width: Int) throws(TensorError) -> Tensor {
  try (products * (1 / Double(width)) + 1).pow(3)
}

func requireEqualWidths(_ a: Tensor, _ b: Tensor) throws(MetricError) {
  guard a.shape[1] == b.shape[1] else {
    throw MetricError(.features, "features of widths \(a.shape[1]) and \(b.shape[1]) cannot be compared")
  }
}
