import Formats
import Foundation
import Networks
import Posterior
import Specification
import Synchronization
import Tensors

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

extension BenchmarkTarget {
  /// E[x_i²] of (z, λ, τ) by the inference gym's ground truth, as squared means plus variances.
  private static let germanCreditSquares = [
    1.7336, 1.3974, 1.3300, 0.7751, 1.2706, 0.8817, 0.8512, 0.6689, 0.9131, 0.7711, 0.9979, 0.7325, 0.6692, 0.7340,
    1.0541, 1.1252, 1.1255, 0.9500, 0.9137, 0.8131, 0.7876, 0.6850, 0.6794, 0.6759, 2.1460, 8.3415, 4.8834, 4.2819,
    0.9622, 3.8141, 1.4257, 1.2843, 0.4983, 1.6289, 0.9185, 1.9991, 0.7542, 0.4845, 0.7574, 2.4256, 2.7738, 2.8121,
    1.8467, 1.6253, 1.1225, 1.0551, 0.5470, 0.5153, 0.5141, 13.9646, 0.1418,
  ]

  static func germanCredit() throws -> BenchmarkTarget {
    let applicants = try CreditApplicants()
    return BenchmarkTarget(
      name: "German credit (51)", density: { try SparseLogisticRegression(applicants) },
      quantities: SparseLogisticRegression.quantities, squares: germanCreditSquares,
      squareVariances: try squareVariances(applicants), published: (88_975, 55_748), chains: 128, gradients: 160_000)
  }

  /// Var[x_i²], which is not published, from long chains, whose E[x_i²] are printed beside the published ones.
  private static func squareVariances(_ applicants: CreditApplicants) throws -> [Double] {
    let zeros = [Double](repeating: 0, count: germanCreditSquares.count)
    let all = Mutex((squares: zeros, fourths: zeros, draws: 0.0))
    DispatchQueue.concurrentPerform(iterations: 16) { number in
      let key = RandomKey(seed: 77).folding(in: UInt64(number))
      guard let positions = try? draws(applicants, warmUp: 2000, count: 12_000, key: key) else { return }
      all.withLock {
        $0.draws += Double(positions.count)
        for position in positions {
          for (i, x) in position.enumerated() {
            $0.squares[i] += x * x
            $0.fourths[i] += x * x * x * x
          }
        }
      }
    }
    let (squares, fourths, count) = all.withLock { $0 }
    let errors = squares.indices.map { abs(squares[$0] / count / germanCreditSquares[$0] - 1) }
    Figure(
      name: "second moments, German credit (51), worst difference from the published", value: errors.max() ?? .nan,
      unit: "", bar: .atMost(0.05), note: "\(Int(count)) draws by NUTS"
    ).print()
    return squares.indices.map { fourths[$0] / count - pow(squares[$0] / count, 2) }
  }

  private static func draws(
    _ applicants: CreditApplicants, warmUp: Int, count: Int, key: RandomKey
  ) throws -> [[Double]] {
    var chain = try Chain(
      SparseLogisticRegression(applicants), kernel: .nuts(NUTSConfiguration(targetAcceptance: 0.9)),
      warmUpIterations: warmUp, key: key)
    for _ in 0..<warmUp { _ = try chain.advance() }
    return try (0..<count).map { _ in
      _ = try chain.advance()
      return SparseLogisticRegression.quantities(chain.position)
    }
  }
}
