import Foundation
import Posterior
import Specification
import Tensors

/// A density whose second moments are known: what samplers are compared on.
struct BenchmarkTarget: Sendable {
  let name: String
  /// Makes the density, once for every thread.
  let density: @Sendable () -> any LogDensity
  /// E[x_i²].
  let squares: [Double]
  /// Var[x_i²].
  let squareVariances: [Double]
  /// Gradients that NUTS and MAMS take in arXiv:2503.01707, table 1, for a target of this form.
  let published: (nuts: Int, mams: Int)
  let chains: Int
  /// Gradients of a chain after warm-up.
  let gradients: Int

  /// The targets of Robnik, Cohn-Gordon & Seljak, as their programs define them, but for the last one's data.
  static func all() throws -> [BenchmarkTarget] {
    let eigenvalues = (0..<100).map { pow(10, -1 + 2 * Double($0) / 99) }
    return [
      BenchmarkTarget(
        name: "Gaussian (100)", density: { ScaledGaussian(variances: eigenvalues) }, squares: eigenvalues,
        squareVariances: eigenvalues.map { 2 * $0 * $0 }, published: (19_652, 3249), chains: 128, gradients: 60_000),
      BenchmarkTarget(
        name: "banana (2)", density: { Banana() }, squares: [100, 19], squareVariances: [20_000, 4600.898],
        published: (95_519, 14_078), chains: 128, gradients: 250_000),
      // y = x² + √Q z, x = 1 + z: E[y²] = E[x⁴] + Q, and so on.
      BenchmarkTarget(
        name: "Rosenbrock (36)", density: { Rosenbrock() },
        squares: [Double](repeating: 2, count: 18) + [Double](repeating: 10.1, count: 18),
        squareVariances: [Double](repeating: 6, count: 18) + [Double](repeating: 668.02, count: 18),
        published: (161_359, 94_184), chains: 128, gradients: 400_000),
      try sparseLogistic(),
    ]
  }

  /// Its moments are those of a long run, since there is no formula.
  private static func sparseLogistic() throws -> BenchmarkTarget {
    var (sums, squares, count) = ([Double](repeating: 0, count: 51), [Double](repeating: 0, count: 51), 0.0)
    for number: UInt64 in 0..<4 {
      var chain = try Chain(
        SparseLogisticRegression(), kernel: .nuts(NUTSConfiguration(targetAcceptance: 0.9)), warmUpIterations: 2000,
        key: RandomKey(seed: 77).folding(in: number))
      for _ in 0..<12_000 where try !chain.advance().isWarmUp {
        count += 1
        for (i, x) in chain.position.enumerated() {
          sums[i] += x * x
          squares[i] += x * x * x * x
        }
      }
    }
    let means = sums.map { $0 / count }
    return BenchmarkTarget(
      name: "sparse logistic regression (51)", density: { SparseLogisticRegression() }, squares: means,
      squareVariances: zip(squares, means).map { $0 / count - $1 * $1 }, published: (88_975, 55_748), chains: 32,
      gradients: 160_000)
  }
}

/// Independent coordinates of different variances.
private struct ScaledGaussian: LogDensity {
  let variances: [Double]
  var dimensions: Int { variances.count }

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    var value = 0.0
    for i in variances.indices {
      gradient[i] = -position[i] / variances[i]
      value += gradient[i] * position[i] / 2
    }
    return value
  }

  func initialPosition(key: RandomKey) -> [Double] { key.normals(count: dimensions) }
}

/// x ~ N(0, 100), y ~ N(0.03 (x² − 100), 1).
private struct Banana: LogDensity {
  let dimensions = 2

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    let (x, y) = (position[0], position[1])
    let residual = y - 0.03 * (x * x - 100)
    gradient[0] = -x / 100 + residual * 0.06 * x
    gradient[1] = -residual
    return -x * x / 200 - residual * residual / 2
  }

  func initialPosition(key: RandomKey) -> [Double] { zip(key.normals(count: 2), [20, 10]).map { $0 * $1 } }
}

/// x_i ~ N(1, 1), y_i ~ N(x_i², Q), Q = 0.1, i = 1 … 18.
private struct Rosenbrock: LogDensity {
  let dimensions = 36

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    var value = 0.0
    for i in 0..<18 {
      let x = position[i]
      let residual = (position[18 + i] - x * x) / 0.1
      gradient[i] = 1 - x + 2 * x * residual
      gradient[18 + i] = -residual
      value -= ((x - 1) * (x - 1) + 0.1 * residual * residual) / 2
    }
    return value
  }

  func initialPosition(key: RandomKey) -> [Double] { key.normals(count: 36) }
}

/// The German credit model of the inference gym, P(y = 1) = σ(Σ_j x_j z_j λ_j τ), z ~ N(0, 1), λ_j, τ ~ Gamma(½, ½), on
/// 1000 rows of 24 columns and a constant that were drawn from a model with five weights; a position is (z, log λ, log τ).
private final class SparseLogisticRegression: LogDensity {
  private static let (rows, columns) = (1000, 25)
  let dimensions = 51
  private let inputs: [Double]
  private let signs: [Double]

  init() {
    let key = RandomKey(seed: 24)
    var inputs = key.normals(count: Self.rows * Self.columns)
    let uniforms = key.purpose("labels").uniforms(count: Self.rows)
    for row in 0..<Self.rows { inputs[row * Self.columns] = 1 }
    let weights = [-1, 0.8, -0.6, 0.4, 0.2]
    signs = (0..<Self.rows).map { row in
      let logit = weights.indices.reduce(0) { $0 + weights[$1] * inputs[row * Self.columns + $1] }
      return uniforms[row] < 1 / (1 + exp(-logit)) ? 1 : -1
    }
    self.inputs = inputs
  }

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    let count = Self.columns
    let tau = exp(position[50])
    let scales = (0..<count).map { exp(position[count + $0]) * tau }
    let weights = (0..<count).map { position[$0] * scales[$0] }
    var slopes = [Double](repeating: 0, count: count)
    var value = likelihood(weights, slopes: &slopes) + (position[50] - tau) / 2
    gradient[50] = (1 - tau) / 2
    for j in 0..<count {
      let (z, lambda) = (position[j], exp(position[count + j]))
      value += -z * z / 2 + (position[count + j] - lambda) / 2
      gradient[j] = slopes[j] * scales[j] - z
      gradient[count + j] = slopes[j] * weights[j] + (1 - lambda) / 2
      gradient[50] += slopes[j] * weights[j]
    }
    return value
  }

  private func likelihood(_ weights: [Double], slopes: inout [Double]) -> Double {
    var value = 0.0
    inputs.withUnsafeBufferPointer { inputs in
      weights.withUnsafeBufferPointer { weights in
        slopes.withUnsafeMutableBufferPointer { slopes in
          for row in 0..<Self.rows {
            let x = UnsafeBufferPointer(rebasing: inputs[row * Self.columns..<(row + 1) * Self.columns])
            var logit = 0.0
            for j in x.indices { logit += x[j] * weights[j] }
            let margin = signs[row] * logit
            let slope = signs[row] / (1 + exp(margin))
            value -= margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin
            for j in x.indices { slopes[j] += slope * x[j] }
          }
        }
      }
    }
    return value
  }
}
