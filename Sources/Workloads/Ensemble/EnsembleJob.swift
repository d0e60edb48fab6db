import Datasets
import Networks
import Runtime
import Specification
import Tensors
import Training

/// A job of ensembles as one of its tasks sees it.
struct EnsembleJob {
  let specification: EnsembleSpecification
  let seed: UInt64
  /// Name of the task's group in the plan.
  private let group: String
  private let index: Int

  /// Decodes the job that a task belongs to.
  init(_ task: TaskContext) throws {
    let job = try task.specification()
    guard case .ensemble(let specification) = job.work else {
      throw WorkloadError("Job \(task.job) has no ensembles.")
    }
    (self.specification, seed) = (specification, job.seed)
    (group, index) = (try job.groupName(task.group, job: task.job), task.index)
  }

  /// What the task works on.
  func part() throws -> (ensemble: EnsembleSpecification.Ensemble, split: Int, member: Int) {
    guard let part = specification.part(group: group, index: index) else {
      throw WorkloadError("The group \(group) belongs to no ensemble.")
    }
    return (specification.ensembles[part.ensemble], part.split, part.member)
  }

  /// Whether the task trains what the heads of an ensemble share.
  var isTrunk: Bool { group.hasPrefix("trunk-") }

  /// Names the randomness of a member: it does not depend on which other ensembles there are.
  func key(_ ensemble: EnsembleSpecification.Ensemble, split: Int, member: Int) -> RandomKey {
    let key = RandomKey(seed: seed).purpose("ensemble").purpose(ensemble.name).folding(in: UInt64(split))
    return isTrunk ? key.purpose("trunk") : key.folding(in: UInt64(member))
  }

  /// The data that an ensemble learns from.
  func learningSet(_ ensemble: EnsembleSpecification.Ensemble, split: Int, _ task: TaskContext) throws -> LearningSet {
    guard let data = specification.data(named: ensemble.data) else {
      throw WorkloadError("The job has no set \(ensemble.data).")
    }
    return try LearningSet(data, split: split, key: dataKey, read: task.input)
  }

  /// Names what is left to chance in the sets of the job.
  var dataKey: RandomKey { RandomKey(seed: seed) }

  /// The inputs that the members of an ensemble are shown in the end, by name: `test`, `validation` if there is such a part, the
  /// unknown and the shifted sets as pictures of its own kind, and the training inputs that other ensembles ask about.
  func judged(
    _ ensemble: EnsembleSpecification.Ensemble, _ set: LearningSet, _ task: TaskContext
  ) throws -> [(name: String, examples: Examples)] {
    var judged = [("test", set.test)]
    if let validation = set.validation { judged.append(("validation", validation)) }
    for name in ensemble.others {
      guard let data = specification.data(named: name) else { continue }
      judged.append((name, try set.foreign(data, part: .test, key: dataKey, read: task.input)))
    }
    for name in specification.guidedSets(by: ensemble) {
      judged.append((Guidance.part(of: name), try trainingInputs(of: name, for: ensemble, set, task)))
    }
    return judged
  }
}

extension EnsembleSpecification.Ensemble {
  /// The sets besides its own that it is judged by.
  var others: [String] { unknown + shifted }

  /// What the outputs of the network mean.
  func likelihood(_ set: LearningSet) -> Likelihood {
    switch (method, set.classes) {
    case (.dirichlet, let classes?): .dirichlet(classes: classes)
    case (.evidential(let penalty), _): .normalInverseGamma(penalty: penalty)
    case (_, let classes?): .categorical(classes: classes, smoothing: training.labelSmoothing)
    case (.laplace, nil): .homoscedastic
    case (_, nil): .normal
    }
  }

  /// The network for a set.
  func feedForward(_ set: LearningSet) throws -> FeedForwardNetwork {
    try FeedForwardNetwork(network, inputShape: set.inputShape, outputs: likelihood(set).outputs)
  }

  /// What a task of the ensemble trains.
  func member(_ set: LearningSet, trunk: MemberNetwork.Trunk? = nil) throws -> MemberNetwork {
    let sharing: Int? = if case .batch(let members) = method { members } else { nil }
    return try MemberNetwork(feedForward(set), likelihood(set), trunk: trunk, sharing: sharing)
  }
}
