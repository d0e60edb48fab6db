import Formats
import Runtime
import Specification
import Uncertainty

/// What an ensemble thinks of the training inputs of sets that others asked it about: the content of `guidance.safetensors` in its
/// folder.
struct Guidance {
  static let fileName = "guidance.safetensors"
  private var opinions: [String: Opinion] = [:]

  /// What an ensemble thinks of the inputs of a set.
  struct Opinion {
    /// Mutual information of label and function in nats.
    let epistemic: [Double]
    /// The most probable class.
    let predicted: [Int]
  }

  /// The name by which members are shown the training inputs of a set.
  static func part(of set: String) -> String { "\(set)/training" }

  /// Adds what an ensemble says of a set's training inputs.
  mutating func add(_ uncertainty: ClassUncertainty, of set: String) {
    let classes = uncertainty.classes
    let predicted = (0..<uncertainty.inputs).map { input in
      let row = uncertainty.probabilities[input * classes..<(input + 1) * classes]
      return row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
    }
    opinions[set] = Opinion(epistemic: uncertainty.entropy.epistemic, predicted: predicted)
  }

  func file() throws -> Safetensors {
    var file = Safetensors()
    for (set, opinion) in opinions.sorted(by: { $0.key < $1.key }) {
      file["\(set)/epistemic"] = try Safetensors.Tensor(opinion.epistemic)
      file["\(set)/predicted"] = try Safetensors.Tensor(opinion.predicted, shape: [opinion.predicted.count])
    }
    return file
  }

  /// What a guide has left about a set of so many training inputs.
  static func opinion(
    of guide: String, on set: String, inputs: Int, _ job: EnsembleJob, _ task: TaskContext
  ) throws -> Opinion {
    guard let ensemble = job.specification.ensembles.first(where: { $0.name == guide }) else {
      throw WorkloadError("The job has no ensemble \(guide).")
    }
    let file = try Safetensors(bytes: task.required(ensemble.file(fileName)))
    let opinion = Opinion(
      epistemic: try file.tensor("\(set)/epistemic").doubles(),
      predicted: try file.tensor("\(set)/predicted").integerValues())
    guard opinion.epistemic.count == inputs, opinion.predicted.count == inputs else {
      throw WorkloadError("The ensemble \(guide) saw other inputs of \(set).")
    }
    return opinion
  }
}

extension EnsembleJob {
  /// What the members of an ensemble learn from: its own data, and what its guides have made of other inputs; with the weights of
  /// the classes, if they differ.
  func lesson(
    _ ensemble: EnsembleSpecification.Ensemble, _ set: LearningSet, _ task: TaskContext
  ) throws -> (set: LearningSet, classWeights: [Double]?) {
    var taught = set
    if let labels = ensemble.training.pseudoLabels {
      let others = try trainingInputs(of: labels.data, for: ensemble, set, task)
      let opinion = try Guidance.opinion(of: labels.from, on: labels.data, inputs: others.count, self, task)
      let chosen = leastUncertain(opinion.epistemic, share: labels.share)
      taught.training = try set.training.joined(with: others, at: chosen, labels: chosen.map { opinion.predicted[$0] })
    }
    guard let weights = ensemble.training.weights, let classes = set.classes else { return (taught, nil) }
    let (labels, learnt) = (set.training.labels, taught.training.labels)
    let importance =
      switch weights.measure {
      case .frequency: try ClassImportance(rarityOf: learnt, classes: classes)
      case .epistemic(let guide):
        try ClassImportance(
          uncertainties: Guidance.opinion(of: guide, on: ensemble.data, inputs: labels.count, self, task).epistemic,
          labels: labels, classes: classes)
      }
    return (taught, try importance.weights(power: weights.power, labels: learnt))
  }

  /// The training inputs of a set as an ensemble sees them, which may have learnt from another one.
  func trainingInputs(
    of name: String, for ensemble: EnsembleSpecification.Ensemble, _ set: LearningSet, _ task: TaskContext
  ) throws -> Examples {
    guard name != ensemble.data else { return set.training }
    guard let data = specification.data(named: name) else { throw WorkloadError("The job has no set \(name).") }
    return try set.foreign(data, part: .training, key: dataKey, read: task.input)
  }
}
