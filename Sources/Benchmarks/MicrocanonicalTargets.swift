import Foundation
import Posterior
import Specification
import Tensors

/// A density whose second moments are known: what samplers are compared on.
struct BenchmarkTarget: Sendable {
  let name: String
  /// Makes the density, once for every thread.
  let density: @Sendable () throws -> any LogDensity
  /// What moments are taken of, x, at a position.
  var quantities: @Sendable ([Double]) -> [Double] = { $0 }
  /// E[x_i²].
  let squares: [Double]
  /// Var[x_i²].
  let squareVariances: [Double]
  /// Gradients that NUTS and MAMS take in arXiv:2503.01707, table 1, for a target of this form.
  let published: (nuts: Int, mams: Int)
  let chains: Int
  /// Gradients of a chain after warm-up.
  let gradients: Int

  /// The targets of Robnik, Cohn-Gordon & Seljak, as their programs define them.
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
      try .germanCredit(),
    ]
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
