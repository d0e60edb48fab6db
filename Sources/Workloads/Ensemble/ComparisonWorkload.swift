import Formats
import Runtime
import Specification
import Uncertainty

/// Puts all ensembles of a job beside each other, and joins those of one set of data.
struct ComparisonWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let job = try EnsembleJob(task)
    let results = try job.specification.ensembles.map { ensemble in
      try EnsembleResult(json: task.required(ensemble.file(EnsembleResult.fileName)))
    }
    var fusions: [EnsembleComparison.Fusion] = []
    if let rule = job.specification.fusion {
      for data in job.specification.data {
        let members = zip(job.specification.ensembles, results).filter { $0.0.data == data.name && $0.1.classes != nil }
        guard members.count > 1 else { continue }
        fusions.append(try fusion(rule, data.name, members.map { ($0, $1) }, job, task))
      }
    }
    let comparison = EnsembleComparison(ensembles: results, fusions: fusions)
    try task.commit(Segment(files: [EnsembleComparison.fileName: try comparison.json()]), isLast: true)
  }

  private func fusion(
    _ rule: EnsembleSpecification.Fusion, _ data: String,
    _ members: [(ensemble: EnsembleSpecification.Ensemble, result: EnsembleResult)], _ job: EnsembleJob,
    _ task: TaskContext
  ) throws -> EnsembleComparison.Fusion {
    let means = try members.map {
      try MeanPredictions(Safetensors(bytes: task.required($0.ensemble.file(MeanPredictions.fileName))))
    }
    let weights: [Double]
    switch rule {
    case .equal: weights = members.map { _ in 1 / Double(members.count) }
    case .evidence:
      weights = try ModelWeights(logEvidences: members.map { $0.result.logEvidence ?? -.infinity }).weights
    case .stacking:
      weights = try ModelWeights(
        stacking: means.map { one in
          guard let heldOut = one.validation else { throw WorkloadError("The set \(data) has no validation part.") }
          return heldOut.logDensities
        }
      ).weights
    }
    let joined = means[0].test.probabilities.indices.map { place in
      zip(means, weights).reduce(0) { $0 + $1.0.test.probabilities[place] * $1.1 }
    }
    let fused = try LabelledPredictions(
      probabilities: joined, classes: means[0].test.classes, labels: means[0].test.labels)
    return EnsembleComparison.Fusion(
      data: data, rule: rule.rawValue,
      weights: zip(members, weights).map { .init(ensemble: $0.ensemble.name, weight: $1) }, accuracy: fused.accuracy,
      negativeLogLikelihood: fused.negativeLogLikelihood)
  }
}
