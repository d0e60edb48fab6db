import Formats
import Foundation
import Networks
import Posterior

/// The applicants of the German credit set: their standardised attributes, and 1 for a bad credit.
struct CreditApplicants: Sendable {
  static let (rows, attributes) = (1000, 24)
  /// [rows][attributes].
  fileprivate let inputs: [Double]
  fileprivate let targets: [Double]

  init() throws {
    let path = "Sources/Benchmarks/Data/german-credit.csv"
    let table = try CSVTable(bytes: Array(Data(contentsOf: URL(fileURLWithPath: path))), file: path, header: true)
    let width = Self.attributes + 1
    let columns = (0..<width).map { column in (0..<Self.rows).map { table.values[$0 * width + column] } }
    let standardised = columns.dropLast().map { column in
      let mean = column.reduce(0, +) / Double(Self.rows)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(Self.rows)
      return column.map { ($0 - mean) / variance.squareRoot() }
    }
    inputs = (0..<Self.rows).flatMap { row in standardised.map { $0[row] } }
    targets = columns[Self.attributes].map { $0 - 1 }
  }
}

/// The sparse logistic regression of the inference gym: P(y = 1) = σ(Σ_j x_j w_j), w_j = z_j λ_j τ, z ~ N(0, 1), λ_j, τ ~
/// Gamma(½, ½), the last x being a constant; a position is (z, log λ, log τ). One thread at a time.
struct SparseLogisticRegression: LogDensity {
  private static let weights = CreditApplicants.attributes + 1
  let dimensions = 2 * weights + 1
  private let likelihood: MLPLikelihood

  init(_ applicants: CreditApplicants) throws {
    likelihood = try MLPLikelihood(
      MLP(inputs: CreditApplicants.attributes, hidden: [], outputs: 1, activation: .tanh), .bernoulli,
      inputs: applicants.inputs, targets: applicants.targets)
  }

  /// (z, λ, τ) at a position.
  @Sendable static func quantities(_ position: [Double]) -> [Double] {
    position.indices.map { $0 < weights ? position[$0] : exp(position[$0]) }
  }

  func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
    let (count, logTau) = (Self.weights, position[2 * Self.weights])
    let scales = (0..<count).map { exp(position[count + $0] + logTau) }
    let weights = (0..<count).map { position[$0] * scales[$0] }
    var slopes = [Double](repeating: 0, count: count)
    var value = likelihood.value(at: weights, gradient: &slopes).value + (logTau - exp(logTau)) / 2
    gradient[2 * count] = (1 - exp(logTau)) / 2
    for j in 0..<count {
      let (z, logLambda) = (position[j], position[count + j])
      value += -z * z / 2 + (logLambda - exp(logLambda)) / 2
      gradient[j] = slopes[j] * scales[j] - z
      gradient[count + j] = slopes[j] * weights[j] + (1 - exp(logLambda)) / 2
      gradient[2 * count] += slopes[j] * weights[j]
    }
    return value
  }
}
