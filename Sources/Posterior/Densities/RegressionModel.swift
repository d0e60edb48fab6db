import Foundation
import Specification
import Uncertainty

/// The posterior of a regression y = f(x) + σ z, z ~ N(0, 1).
public protocol RegressionModel: LogDensity {
  /// f and σ at every row of `inputs` (row-major, as wide as the training inputs), for a position.
  /// - Throws: `PosteriorError` if a length does not fit.
  func predictions(at position: [Double], inputs: [Double]) throws(PosteriorError) -> RowPredictions

  /// All parameters at a position under their names, always in the same order and of the same shapes, and on the scale a
  /// reader expects: σ rather than log σ.
  func parameters(at position: [Double]) -> [NamedArray]
}

/// What a regression says about rows at one position: y ~ N(mean, deviation²).
public struct RowPredictions: Equatable, Sendable {
  /// f, one a row.
  public let means: [Double]
  /// σ, one a row.
  public let deviations: [Double]

  /// log p(y | x, position) of every row.
  /// - Throws: `PosteriorError` if there is not one target a row.
  public func logDensities(of targets: [Double]) throws(PosteriorError) -> [Double] {
    try require(targets.count == means.count, "\(means.count) predictions, but \(targets.count) targets")
    return targets.indices.map { normalLogDensity(targets[$0], mean: means[$0], deviation: deviations[$0]) }
  }

  /// A draw of y at every row, from standard normal numbers.
  public func draws(_ normals: [Double]) -> [Double] {
    precondition(normals.count == means.count)
    return normals.indices.map { means[$0] + deviations[$0] * normals[$0] }
  }
}

extension ModelConfiguration {
  /// The posterior of this model given data.
  /// - Parameters:
  ///   - inputs: row-major, rows × columns, standardised.
  ///   - targets: one a row, standardised.
  /// - Throws: `PosteriorError` if lengths do not fit, a number is not finite, or the posterior is improper.
  public func posterior(
    inputs: [Double], rows: Int, columns: Int, targets: [Double]
  ) throws(PosteriorError) -> any RegressionModel {
    switch self {
    case .mlp(let configuration):
      try MLPRegression(
        inputs: inputs, rows: rows, columns: columns, targets: targets, configuration: configuration)
    case .linear(let configuration):
      try LinearRegression(
        inputs: inputs, rows: rows, columns: columns, targets: targets, configuration: configuration)
    }
  }
}
