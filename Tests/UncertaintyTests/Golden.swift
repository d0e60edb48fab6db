import Foundation
import Testing

/// What scikit-learn and SciPy say, made by `Goldens/scores.py`.
struct Golden: Decodable {
  struct Detection: Decodable {
    let inside: [Double]
    let outside: [Double]
    let areaUnderROC: Double
    let averagePrecisionOutside: Double
    let averagePrecisionInside: Double
    let falsePositiveRateAt95: Double
  }

  struct Classification: Decodable {
    let probabilities: [Double]
    let labels: [Int]
    let accuracy: Double
    let negativeLogLikelihood: Double
    let brierScore: Double
  }

  struct Dirichlet: Decodable {
    let concentrations: [Double]
    let epistemicVariance: [Double]
    let aleatoricEntropy: [Double]
    let totalEntropy: [Double]
  }

  struct Student: Decodable {
    let evidence: [[Double]]
    let targets: [Double]
    let logDensities: [Double]
  }

  struct Stacking: Decodable {
    let logDensities: [[Double]]
    let weights: [Double]
    let score: Double
  }

  let detections: [Detection]
  let classification: Classification
  let dirichlet: Dirichlet
  let student: Student
  let stacking: Stacking

  static func load() throws -> Golden {
    let url = try #require(Bundle.module.url(forResource: "Goldens/scores", withExtension: "json"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}

/// Whether numbers agree to a tolerance, relative where they are large.
func agree(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}
