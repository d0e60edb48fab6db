import Foundation
import Specification
import Uncertainty

/// The posterior of a regression y = f(x) + σ z, z ~ N(0, 1), with one σ for all rows.
public protocol RegressionModel: LogDensity {
  /// f at every row of `inputs` (row-major, as wide as the training inputs), for a position.
  /// - Throws: `PosteriorError` if a length does not fit.
  func predictions(at position: [Double], inputs: [Double]) throws(PosteriorError) -> [Double]

  /// σ at a position.
  func noiseScale(at position: [Double]) -> Double

  /// All parameters at a position under their names, always in the same order and of the same shapes, and on the scale a
  /// reader expects: σ rather than log σ.
  func parameters(at position: [Double]) -> [NamedArray]
}

extension RegressionModel {
  /// log p(y | x, position) of every row.
  /// - Parameter predictions: f at every row, from `predictions(at:inputs:)`.
  /// - Throws: `PosteriorError` if a length does not fit.
  public func logLikelihood(
    at position: [Double], predictions: [Double], targets: [Double]
  ) throws(PosteriorError) -> [Double] {
    guard predictions.count == targets.count else {
      throw PosteriorError(.invalidArgument, "\(predictions.count) predictions, but \(targets.count) targets")
    }
    let sigma = noiseScale(at: position)
    return zip(targets, predictions).map { normalLogDensity($0, mean: $1, deviation: sigma) }
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
