/// Running mean and variance of every coordinate.
///
/// Source: Welford, Technometrics 4 (1962); regularised as in Stan, v n/(n + 5) + 10⁻³ · 5/(n + 5), towards small values so
/// that a short window cannot give a scale too large.
package struct WelfordVariance: Equatable {
  private var count = 0
  private var mean: [Double]
  private var squares: [Double]

  package init(dimensions: Int) {
    mean = [Double](repeating: 0, count: dimensions)
    squares = mean
  }

  /// Takes in a position.
  package mutating func add(_ position: [Double]) {
    count += 1
    for i in mean.indices {
      let delta = position[i] - mean[i]
      mean[i] += delta / Double(count)
      squares[i] += delta * (position[i] - mean[i])
    }
  }

  /// The regularised variances of two positions or more.
  package var regularizedVariances: [Double] {
    let n = Double(count)
    return squares.map { $0 / (n - 1) * n / (n + 5) + 1e-3 * 5 / (n + 5) }
  }

  func save(to snapshot: inout Snapshot) {
    snapshot.save(mean, as: "window_mean")
    snapshot.save(squares, as: "window_squares")
    snapshot.save(count, as: "window_count")
  }

  init(from snapshot: Snapshot, dimensions: Int) throws(PosteriorError) {
    mean = try snapshot.vector("window_mean", count: dimensions)
    squares = try snapshot.vector("window_squares", count: dimensions)
    count = try snapshot.counter("window_count")
  }
}
