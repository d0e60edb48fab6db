import Formats
import Runtime
import Specification
import Uncertainty

/// The predictions that the members of an ensemble have committed, division by division.
struct MemberFiles {
  private let divisions: [[MemberPredictions]]

  /// Reads the files of all members on each of so many divisions.
  init(_ ensemble: EnsembleSpecification.Ensemble, splits: Int, _ task: TaskContext) throws {
    let members = ensemble.method.members
    divisions = try (0..<splits).map { split in
      try (split * members..<(split + 1) * members).map { number in
        let name = ensemble.file("members/\(number)/\(MemberPredictions.fileName)")
        return try MemberPredictions(Safetensors(bytes: task.required(name)))
      }
    }
  }

  /// The predictions of all members on a division of the data.
  func members(split: Int) -> [MemberPredictions] { divisions[split] }

  /// What all functions say of the classes of a set's inputs.
  func classUncertainty(of set: String, inputs: Int, classes: Int) throws -> ClassUncertainty {
    try divisions[0].classUncertainty(of: set, inputs: inputs, classes: classes)
  }

  /// What all functions say of the numbers to predict in the test part of a division, in the standardised unit.
  func numberPredictions(split: Int) throws -> [any PredictiveDistribution] {
    try divisions[split].numberPredictions(of: "test")
  }

  /// Functions of all members.
  var functionCount: Int { divisions[0].reduce(0) { $0 + $1.draws } }
}

extension [MemberPredictions] {
  /// What all functions of these members say of the classes of a set's inputs.
  func classUncertainty(of set: String, inputs: Int, classes: Int) throws -> ClassUncertainty {
    var draws = try ProbabilityDraws(inputs: inputs, classes: classes)
    for (member, predictions) in enumerated() {
      guard let found = predictions.draws(of: set) else { throw WorkloadError("Member \(member) did not see \(set).") }
      if predictions.kind == .concentrations {
        return try ClassUncertainty(concentrations: found[0].map(Double.init), classes: classes)
      }
      for draw in found { try draws.add(Array<Float>(draw)) }
    }
    return try ClassUncertainty(draws)
  }
  /// What all functions of these members say of the numbers to predict of a set's inputs, in the standardised unit.
  func numberPredictions(of set: String) throws -> [any PredictiveDistribution] {
    var (means, variances): ([[Double]], [[Double]]) = ([], [])
    for (member, predictions) in enumerated() {
      guard let draws = predictions.draws(of: set) else { throw WorkloadError("Member \(member) did not see \(set).") }
      for draw in draws {
        let columns = (0..<predictions.width).map { number in
          stride(from: draw.startIndex + number, to: draw.endIndex, by: predictions.width).map { Double(draw[$0]) }
        }
        switch predictions.kind {
        case .evidence:
          return try columns[0].indices.map { input in
            try NormalInverseGamma(
              mean: columns[0][input], meanEvidence: columns[1][input], shape: columns[2][input],
              scale: columns[3][input])
          }
        case .linearized:
          return try columns[0].indices.map { input in
            try NormalPrediction(
              mean: columns[0][input], aleatoricVariance: columns[1][input], epistemicVariance: columns[2][input])
          }
        case .normals, .probabilities, .concentrations:
          means.append(columns[0])
          variances.append(columns[1])
        }
      }
    }
    return try [GaussianMixture](means: means, variances: variances)
  }
}
