import Foundation
import Specification
import Tensors

/// The posterior of y = X β + σ z with an intercept, in plain Swift: β and log σ given rows of data.
///
/// A position is (η, log σ) with β = c + L⁻ᵀ η: c is the least-squares (or ridge) estimate and L Lᵀ = XᵀX / σ̂² + I / s²
/// the posterior precision at the residual deviation σ̂. The map is linear, so sampling in η is exact, and η is nearly
/// uncorrelated with unit variances however badly scaled or un-centred the columns are (cf. Stan user's guide, "QR
/// reparameterization"). Misfit and penalty are quadratic in η, so a gradient costs O(columns²), whatever the rows.
public struct LinearRegression: RegressionModel, Sendable {
  /// Coefficients: the intercept, if there is one, first, then one a column.
  public let coefficientCount: Int
  /// Whether a constant column was added before the others.
  public let hasIntercept: Bool
  private let configuration: LinearConfiguration
  private let rows: Int
  private let center: [Double]
  private let precision: Cholesky
  private let residualDeviation: Double
  /// ‖y − X β‖² in η.
  private let misfit: QuadraticForm
  /// ‖β‖² in η.
  private let penalty: QuadraticForm

  /// Makes the posterior of data.
  /// - Parameters:
  ///   - inputs: row-major, rows × columns.
  ///   - targets: one a row.
  ///   - configuration: the priors.
  ///   - intercept: whether to add a constant column; its coefficient has the prior of the others.
  /// - Throws: `PosteriorError` if lengths do not fit, a number is not finite, or a flat prior meets collinear columns.
  public init(
    inputs: [Double], rows: Int, columns: Int, targets: [Double],
    configuration: LinearConfiguration = LinearConfiguration(), intercept: Bool = true
  ) throws(PosteriorError) {
    let data = try TrainingRows(inputs: inputs, rows: rows, columns: columns, targets: targets)
    try Self.validate(configuration)
    let normal = NormalEquations(data, intercept: intercept)
    let size = normal.size
    guard configuration.coefficientScale != nil || rows > size else {
      throw PosteriorError(
        .invalidArgument, "flat priors of \(size) coefficients need more than \(rows) rows: set coefficientScale")
    }
    let prior = configuration.coefficientScale.map { 1 / ($0 * $0) } ?? 0
    let rough = try normal.precision(noise: normal.targetDeviation, prior: prior)
    let roughMisfit = normal.misfit(rough.solved(normal.weightedTargets(normal.targetDeviation)))
    let deviation = (roughMisfit / Double(max(rows - size, 1))).squareRoot()
    residualDeviation = max(deviation, 1e-8 * normal.targetDeviation)
    precision = try normal.precision(noise: residualDeviation, prior: prior)
    center = precision.solved(normal.weightedTargets(residualDeviation))
    misfit = normal.misfitForm(around: center, precision)
    penalty = normal.penaltyForm(around: center, precision)
    coefficientCount = size
    hasIntercept = intercept
    (self.configuration, self.rows) = (configuration, rows)
  }

  /// Length of a position: the coefficients and log σ.
  public var dimensions: Int { coefficientCount + 1 }

  /// The log density and its gradient, up to a constant.
  public func valueAndGradient(at position: [Double], gradient: inout [Double]) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    try requireCount(gradient.count)
    let eta = position[..<coefficientCount]
    let sigma = exp(position[coefficientCount])
    let weight = 1 / (sigma * sigma)
    for i in gradient.indices { gradient[i] = 0 }
    let misfit = misfit.value(at: eta, adding: -weight / 2, to: &gradient)
    var value = -Double(rows) * position[coefficientCount] - misfit * weight / 2
    gradient[coefficientCount] = misfit * weight - Double(rows)
    if let scale = configuration.coefficientScale {
      let weight = 1 / (scale * scale)
      value -= penalty.value(at: eta, adding: -weight / 2, to: &gradient) * weight / 2
    }
    let prior = noisePrior(sigma)
    gradient[coefficientCount] += prior.derivative
    return value + prior.value
  }

  private static func validate(_ configuration: LinearConfiguration) throws(PosteriorError) {
    var scales = configuration.coefficientScale.map { [$0] } ?? []
    if case .halfCauchy(let scale) = configuration.noise { scales.append(scale) }
    if case .halfNormal(let scale) = configuration.noise { scales.append(scale) }
    try require(scales.allSatisfy { $0 > 0 && $0.isFinite }, "scales of priors must be positive, not \(scales)")
  }

  private func noisePrior(_ sigma: Double) -> LogScalePrior {
    switch configuration.noise {
    case .flat: .flat(sigma)
    case .halfCauchy(let scale): .halfCauchy(sigma, scale: scale)
    case .halfNormal(let scale): .halfNormal(sigma, scale: scale)
    }
  }

  /// A draw around the estimate: η ~ N(0, 4 I), log σ ~ N(log σ̂, ¼).
  public func initialPosition(key: RandomKey) -> [Double] {
    var position = key.normals(count: dimensions).map { 2 * $0 }
    position[coefficientCount] = log(residualDeviation) + position[coefficientCount] / 4
    return position
  }

  /// β at a position.
  public func coefficients(at position: [Double]) -> [Double] {
    sum(center, precision.solvedUpper(Array(position[..<coefficientCount])))
  }

  /// σ at a position.
  public func noiseScale(at position: [Double]) -> Double { exp(position[coefficientCount]) }

  /// `beta` and `sigma`.
  public func parameters(at position: [Double]) -> [NamedArray] {
    [
      NamedArray(name: "beta", shape: [coefficientCount], values: coefficients(at: position)),
      NamedArray(name: "sigma", shape: [], values: [noiseScale(at: position)]),
    ]
  }

  /// X β and σ at every row of inputs.
  public func predictions(at position: [Double], inputs: [Double]) throws(PosteriorError) -> RowPredictions {
    try requireCount(position.count)
    let columns = hasIntercept ? coefficientCount - 1 : coefficientCount
    guard inputs.count.isMultiple(of: columns) else {
      throw PosteriorError(.invalidArgument, "\(inputs.count) inputs are not whole rows of \(columns) columns")
    }
    let beta = coefficients(at: position)
    let means = stride(from: 0, to: inputs.count, by: columns).map { start in
      let slopes = beta.suffix(columns)
      return zip(inputs[start..<(start + columns)], slopes).reduce(hasIntercept ? beta[0] : 0) { $0 + $1.0 * $1.1 }
    }
    return RowPredictions(
      means: means, deviations: [Double](repeating: noiseScale(at: position), count: means.count))
  }
}
