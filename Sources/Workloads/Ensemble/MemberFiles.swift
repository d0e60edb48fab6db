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
  func numberPredictions(split: Int) throws -> NumberPredictions {
    var (means, variances): ([[Double]], [[Double]]) = ([], [])
    for predictions in divisions[split] {
      let draws = predictions.draws(of: "test") ?? []
      func column(_ draw: ArraySlice<Float>, _ number: Int) -> [Double] {
        stride(from: draw.startIndex + number, to: draw.endIndex, by: predictions.width).map { Double(draw[$0]) }
      }
      if predictions.kind == .evidence, let draw = draws.first {
        let columns = (0..<4).map { column(draw, $0) }
        return .evidence(
          try columns[0].indices.map { input in
            try NormalInverseGamma(
              mean: columns[0][input], meanEvidence: columns[1][input], shape: columns[2][input],
              scale: columns[3][input])
          })
      }
      means += draws.map { column($0, 0) }
      variances += draws.map { column($0, 1) }
    }
    return .mixtures(try [GaussianMixture](means: means, variances: variances))
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
}

/// What is said of numbers to predict, one an input.
enum NumberPredictions {
  case mixtures([GaussianMixture])
  case evidence([NormalInverseGamma])

  var uncertainty: RegressionUncertainty {
    switch self {
    case .mixtures(let mixtures): RegressionUncertainty(mixtures)
    case .evidence(let evidence): RegressionUncertainty(evidence)
    }
  }

  /// Logarithm of the predictive density at a target.
  func logDensity(of input: Int, at target: Double) -> Double {
    switch self {
    case .mixtures(let mixtures): mixtures[input].logDensity(at: target)
    case .evidence(let evidence): evidence[input].logDensity(at: target)
    }
  }

  /// Probability that the target is smaller.
  func cumulative(of input: Int, at target: Double) -> Double {
    switch self {
    case .mixtures(let mixtures): mixtures[input].cumulative(at: target)
    case .evidence(let evidence): evidence[input].cumulative(at: target)
    }
  }
}
