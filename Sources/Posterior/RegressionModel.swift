import Foundation
import Specification

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
  /// - Throws: `PosteriorError` if a length does not fit.
  public func logLikelihood(
    at position: [Double], inputs: [Double], targets: [Double]
  ) throws(PosteriorError) -> [Double] {
    let predictions = try predictions(at: position, inputs: inputs)
    guard predictions.count == targets.count else {
      throw PosteriorError(.invalidArgument, "\(predictions.count) rows of inputs, but \(targets.count) targets")
    }
    let sigma = noiseScale(at: position)
    return zip(targets, predictions).map { normalLogDensity($0, mean: $1, deviation: sigma) }
  }
}

/// Rows of inputs and their targets, checked.
struct RegressionData {
  /// Row-major, rows × columns.
  let inputs: [Double]
  let rows: Int
  let columns: Int
  let targets: [Double]

  init(inputs: [Double], rows: Int, columns: Int, targets: [Double]) throws(PosteriorError) {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard rows > 0, columns > 0, !overflow, inputs.count == count, targets.count == rows else {
      throw PosteriorError(
        .invalidArgument,
        "\(rows) rows of \(columns) columns do not fit \(inputs.count) inputs and \(targets.count) targets")
    }
    if let index = inputs.firstIndex(where: { !$0.isFinite }) {
      throw PosteriorError(
        .invalidArgument, "input row \(index / columns), column \(index % columns) is \(inputs[index]): remove the row")
    }
    if let row = targets.firstIndex(where: { !$0.isFinite }) {
      throw PosteriorError(.invalidArgument, "the target of row \(row) is \(targets[row]): remove the row")
    }
    (self.inputs, self.rows, self.columns, self.targets) = (inputs, rows, columns, targets)
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
