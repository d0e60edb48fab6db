/// The Cholesky factor L of a small symmetric positive definite matrix A = L Lᵀ, row-major.
struct Cholesky {
  let size: Int
  /// L, lower triangular, row-major.
  private let factor: [Double]

  /// Factors a matrix; nil if it is not positive definite beyond rounding.
  init?(_ matrix: [Double], size: Int) {
    var factor = matrix
    for i in 0..<size {
      for j in 0...i {
        var sum = matrix[i * size + j]
        for k in 0..<j { sum -= factor[i * size + k] * factor[j * size + k] }
        if i > j {
          factor[i * size + j] = sum / factor[j * size + j]
        } else {
          guard sum > 1e-13 * matrix[i * size + i] else { return nil }
          factor[i * size + i] = sum.squareRoot()
        }
      }
    }
    self.factor = factor
    self.size = size
  }

  /// L⁻¹ b
  func solvedLower(_ b: [Double]) -> [Double] {
    var x = b
    for i in 0..<size {
      for k in 0..<i { x[i] -= factor[i * size + k] * x[k] }
      x[i] /= factor[i * size + i]
    }
    return x
  }

  /// L⁻ᵀ b
  func solvedUpper(_ b: [Double]) -> [Double] {
    var x = b
    for i in (0..<size).reversed() {
      for k in (i + 1)..<max(size, i + 1) { x[i] -= factor[k * size + i] * x[k] }
      x[i] /= factor[i * size + i]
    }
    return x
  }

  /// A⁻¹ b
  func solved(_ b: [Double]) -> [Double] { solvedUpper(solvedLower(b)) }
}

/// q(x) = constant + 2 linear · x + xᵀ matrix x.
struct QuadraticForm {
  let constant: Double
  let linear: [Double]
  /// Symmetric, row-major.
  let matrix: [Double]

  /// q(x); adds `scale` times its gradient to `gradient`, whose leading entries belong to x.
  func value(at x: ArraySlice<Double>, adding scale: Double, to gradient: inout [Double]) -> Double {
    let size = linear.count
    var value = constant
    for i in 0..<size {
      var row = 0.0
      for j in 0..<size { row += matrix[i * size + j] * x[x.startIndex + j] }
      value += x[x.startIndex + i] * (row + 2 * linear[i])
      gradient[i] += 2 * scale * (row + linear[i])
    }
    return value
  }
}
