import Datasets
import Formats
import Foundation
import Runtime
import Specification
import Uncertainty

/// What an ensemble says of the numbers of a table, in their unit, over all divisions of the data.
struct NumberEvaluation {
  private let ensemble: EnsembleSpecification.Ensemble
  private let members: MemberFiles
  private let parameters: Int
  private let divisions: [Division]
  /// Probability of the central intervals whose coverage is counted.
  private static let interval = 0.9

  /// One division of the data.
  private struct Division {
    let squaredErrors: [Double]
    let logDensities: [Double]
    let isCovered: [Bool]
    let uncertainty: RegressionUncertainty
    /// Of the targets to learn from, in their unit; nil if the method knows none.
    let logEvidence: Double?
    let targets: [Double]
    let scaling: RegressionData.Scaling
  }

  init(_ ensemble: EnsembleSpecification.Ensemble, _ sets: [LearningSet], _ files: MemberFiles) throws {
    (self.ensemble, members) = (ensemble, files)
    parameters = try ensemble.parameterCount(sets[0])
    divisions = try sets.enumerated().map { try Self.division($1, files, split: $0) }
  }

  private static func division(_ set: LearningSet, _ files: MemberFiles, split: Int) throws -> Division {
    guard let scaling = set.targetScaling else { throw WorkloadError("The set has no numbers to predict.") }
    let predictions = try files.numberPredictions(split: split)
    let (uncertainty, targets) = (RegressionUncertainty(predictions), set.test.values)
    guard uncertainty.means.count == targets.count else { throw WorkloadError("The members saw other data.") }
    let tail = (1 - interval) / 2
    return Division(
      squaredErrors: zip(uncertainty.means, targets).map { ($0 - $1) * ($0 - $1) * scaling.scale * scaling.scale },
      logDensities: targets.indices.map { predictions[$0].logDensity(at: targets[$0]) - log(scaling.scale) },
      isCovered: targets.indices.map { (tail...(1 - tail)).contains(predictions[$0].cumulative(at: targets[$0])) },
      uncertainty: uncertainty,
      logEvidence: files.members(split: split)[0].logEvidence.map {
        $0 - Double(set.training.count) * log(scaling.scale)
      }, targets: targets, scaling: scaling)
  }

  /// `evaluation.json` and a table of all inputs.
  func files() throws -> [String: [UInt8]] {
    let roots = Measured(over: divisions.map { Self.mean($0.squaredErrors).squareRoot() })
    let losses = Measured(over: divisions.map { -Self.mean($0.logDensities) })
    let covered = divisions.flatMap(\.isCovered)
    let evidences = divisions.compactMap(\.logEvidence)
    let result = EnsembleResult(
      name: ensemble.name, data: ensemble.data, network: ensemble.network.name, method: ensemble.method.name,
      parameters: parameters, members: ensemble.method.members, functions: members.functionCount,
      inputs: covered.count,
      numbers: .init(
        divisions: divisions.count, rmse: roots.mean, rmseError: roots.error,
        negativeLogLikelihood: losses.mean, negativeLogLikelihoodError: losses.error,
        coverage: Double(covered.count { $0 }) / Double(covered.count)),
      variance: .init(
        total: mean(\.total), aleatoric: mean(\.aleatoric), epistemic: mean(\.epistemic)), spread: spread,
      logEvidence: evidences.isEmpty ? nil : Self.mean(evidences))
    return [
      ensemble.file(EnsembleResult.fileName): try result.json(), ensemble.file("predictions.csv"): Array(table.utf8),
    ]
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }

  /// Variances of all inputs in the unit of the target.
  private func variances(_ part: KeyPath<UncertaintyParts, [Double]>) -> [Double] {
    divisions.flatMap { division in
      division.uncertainty.variance[keyPath: part].map { $0 * division.scaling.scale * division.scaling.scale }
    }
  }

  private func mean(_ part: KeyPath<UncertaintyParts, [Double]>) -> Double { Self.mean(variances(part)) }

  /// Inputs by their variance, up to that which one in a hundred exceeds.
  private var spread: EnsembleResult.UncertaintySpread {
    let total = variances(\.total).sorted()
    let end = max(total[min(total.count - 1, total.count * 99 / 100)], .leastNormalMagnitude)
    return .init(
      total: variances(\.total), aleatoric: variances(\.aleatoric), epistemic: variances(\.epistemic), end: end)
  }

  private var table: String {
    "division,input,target,mean,aleatoric_variance,epistemic_variance,log_density\n"
      + divisions.enumerated().map { number, division in
        let square = division.scaling.scale * division.scaling.scale
        return division.targets.indices.map { input in
          """
          \(number),\(input),\(division.scaling.restored(division.targets[input])),\
          \(division.scaling.restored(division.uncertainty.means[input])),\
          \(division.uncertainty.variance.aleatoric[input] * square),\
          \(division.uncertainty.variance.epistemic[input] * square),\(division.logDensities[input])\n
          """
        }.joined()
      }.joined()
  }
}
