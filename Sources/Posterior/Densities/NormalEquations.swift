/// XᵀX, Xᵀy and what follows from them, for a design matrix X with or without a constant column.
struct NormalEquations {
  /// Columns of X.
  let size: Int
  /// Rows of X, one after another.
  private let design: [Double]
  private let targets: [Double]
  /// XᵀX, row-major.
  private let gram: [Double]

  init(_ data: TrainingRows, intercept: Bool) {
    let size = data.columns + (intercept ? 1 : 0)
    var design: [Double] = []
    design.reserveCapacity(data.rows * size)
    for row in 0..<data.rows {
      if intercept { design.append(1) }
      design.append(contentsOf: data.inputs[(row * data.columns)..<((row + 1) * data.columns)])
    }
    var gram = [Double](repeating: 0, count: size * size)
    for start in stride(from: 0, to: design.count, by: size) {
      for i in 0..<size {
        for j in 0..<size { gram[i * size + j] += design[start + i] * design[start + j] }
      }
    }
    (self.size, self.design, self.gram, targets) = (size, design, gram, data.targets)
  }

  /// Root mean square deviation of the targets from their mean; 1 if they are all the same.
  var targetDeviation: Double {
    let mean = targets.reduce(0, +) / Double(targets.count)
    let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(targets.count)
    return variance > 0 ? variance.squareRoot() : 1
  }

  /// XᵀX / noise² + prior · I, factored.
  func precision(noise: Double, prior: Double) throws(PosteriorError) -> Cholesky {
    var matrix = gram.map { $0 / (noise * noise) }
    for i in 0..<size { matrix[i * size + i] += prior }
    guard let factor = Cholesky(matrix, size: size) else {
      throw PosteriorError(
        .invalidArgument,
        "the columns of the inputs are collinear: drop one, or give the coefficients a narrower prior (coefficientScale)"
      )
    }
    return factor
  }

  /// Xᵀv for a vector of one number a row.
  private func transposed(_ v: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: size)
    for (row, value) in v.enumerated() {
      for i in 0..<size { result[i] += design[row * size + i] * value }
    }
    return result
  }

  /// Xᵀy / noise².
  func weightedTargets(_ noise: Double) -> [Double] { transposed(targets).map { $0 / (noise * noise) } }

  private func residuals(_ beta: [Double]) -> [Double] {
    targets.enumerated().map { row, y in
      (0..<size).reduce(y) { $0 - design[row * size + $1] * beta[$1] }
    }
  }

  /// ‖y − X β‖².
  func misfit(_ beta: [Double]) -> Double { residuals(beta).reduce(0) { $0 + $1 * $1 } }

  /// ‖y − X (c + L⁻ᵀ η)‖² as a function of η.
  func misfitForm(around center: [Double], _ precision: Cholesky) -> QuadraticForm {
    // The linear part comes from the residuals themselves, so that rounding in c does no harm.
    let slope = transposed(residuals(center)).map { -$0 }
    return QuadraticForm(
      constant: misfit(center), linear: precision.solvedLower(slope), matrix: whitened(gram, precision))
  }

  /// ‖c + L⁻ᵀ η‖² as a function of η.
  func penaltyForm(around center: [Double], _ precision: Cholesky) -> QuadraticForm {
    var identity = [Double](repeating: 0, count: size * size)
    for i in 0..<size { identity[i * size + i] = 1 }
    return QuadraticForm(
      constant: dot(center, center), linear: precision.solvedLower(center), matrix: whitened(identity, precision))
  }

  /// L⁻¹ A L⁻ᵀ for a symmetric A.
  private func whitened(_ matrix: [Double], _ precision: Cholesky) -> [Double] {
    let half = (0..<size).map { precision.solvedLower(Array(matrix[($0 * size)..<(($0 + 1) * size)])) }
    let columns = (0..<size).map { column in precision.solvedLower(half.map { $0[column] }) }
    return columns.flatMap { $0 }
  }
}
