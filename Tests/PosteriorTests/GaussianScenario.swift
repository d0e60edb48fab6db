import Foundation
import Posterior

/// The scenario all kernels share: a Gaussian in three dimensions whose means, scales and correlations differ.
struct GaussianScenario: LogDensity {
  let dimensions = 3
  let mean = [3.0, -2, 10]
  let scales = [0.5, 1, 4]
  /// Of a first-order autoregression, whose precision matrix is known in closed form.
  let correlation = 0.8

  /// Σ⁻¹ (x − mean).
  private func weighted(_ x: [Double]) -> [Double] {
    let z = (0..<3).map { (x[$0] - mean[$0]) / scales[$0] }
    let r = correlation
    let q = [z[0] - r * z[1], (1 + r * r) * z[1] - r * (z[0] + z[2]), z[2] - r * z[1]]
    return (0..<3).map { q[$0] / (1 - r * r) / scales[$0] }
  }

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    let weighted = weighted(position)
    gradient = weighted.map { -$0 }
    return -(0..<3).reduce(0) { $0 + weighted[$1] * (position[$1] - mean[$1]) } / 2
  }

  func initialPosition() -> [Double] { [0, 0, 0] }

  /// KL(N(m, S) ‖ this) for the mean m and covariance S of draws.
  func divergence(ofDraws draws: [[Double]]) -> Double {
    let count = Double(draws.count)
    let m = (0..<3).map { i in draws.reduce(0) { $0 + $1[i] } / count }
    let covariance = (0..<3).map { i in
      (0..<3).map { j in draws.reduce(0) { $0 + ($1[i] - m[i]) * ($1[j] - m[j]) } / (count - 1) }
    }
    return divergence(mean: m, covariance: covariance)
  }

  func divergence(mean m: [Double], covariance s: [[Double]]) -> Double {
    // The columns of Σ⁻¹ S, of which only the trace counts.
    let trace = (0..<3).reduce(0) { sum, j in
      sum + weighted((0..<3).map { mean[$0] + s[$0][j] })[j]
    }
    let shift = zip(weighted(m), zip(m, mean)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
    let r = correlation
    let logDeterminant = 2 * scales.reduce(0) { $0 + log($1) } + 2 * log(1 - r * r)
    let determinant =
      s[0][0] * (s[1][1] * s[2][2] - s[1][2] * s[2][1]) - s[0][1] * (s[1][0] * s[2][2] - s[1][2] * s[2][0])
      + s[0][2] * (s[1][0] * s[2][1] - s[1][1] * s[2][0])
    return (trace + shift - 3 + logDeterminant - log(determinant)) / 2
  }
}

/// Counts the evaluations of a density.
final class Counting: LogDensity {
  let base: any LogDensity
  private(set) var evaluations = 0

  init(_ base: any LogDensity) { self.base = base }

  var dimensions: Int { base.dimensions }

  func valueAndGradient(at position: [Double], gradient: inout [Double]) throws(PosteriorError) -> Double {
    evaluations += 1
    return try base.valueAndGradient(at: position, gradient: &gradient)
  }
}

/// The largest difference between a density's gradient and central differences, relative to 1 + |difference|.
func gradientError(of density: any LogDensity, at position: [Double], step: Double = 1e-5) throws -> Double {
  var gradient = [Double](repeating: .nan, count: density.dimensions)
  _ = try density.valueAndGradient(at: position, gradient: &gradient)
  return try position.indices.map { index in
    var (low, high) = (position, position)
    low[index] -= step
    high[index] += step
    let difference = (try density.value(at: high) - density.value(at: low)) / (2 * step)
    return abs(gradient[index] - difference) / (1 + abs(difference))
  }.max() ?? 0
}
