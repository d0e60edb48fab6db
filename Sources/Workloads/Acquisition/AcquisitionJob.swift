import Runtime
import Specification
import Tensors

/// A job of active learning as one of its tasks sees it.
struct AcquisitionJob {
  let specification: AcquisitionSpecification
  /// What the task asks by; nil for the comparison.
  let strategy: AcquisitionSpecification.Strategy?
  /// Number of the run among those of its strategy.
  let number: Int
  private let seed: UInt64

  /// Decodes the job that a task belongs to.
  init(_ task: TaskContext) throws {
    let job = try task.specification()
    guard case .acquisition(let specification) = job.work else {
      throw WorkloadError("Job \(task.job) asks for no labels.")
    }
    (self.specification, seed, number) = (specification, job.seed, task.index)
    strategy = AcquisitionSpecification.strategy(ofGroup: try job.groupName(task.group, job: task.job))
  }

  /// Names the randomness of a repeat. It is the same for all strategies: their runs begin with the same labels and networks, so
  /// that they differ by what is asked for alone.
  var key: RandomKey { RandomKey(seed: seed).purpose("acquisition").folding(in: UInt64(number)) }

  /// The pictures.
  func learningSet(_ task: TaskContext) throws -> (set: LearningSet, classes: Int) {
    let set = try LearningSet(
      specification.data, split: 0, key: RandomKey(seed: seed).purpose("data"), read: task.input)
    guard let classes = set.classes else { throw WorkloadError("The set \(specification.data.name) has no classes.") }
    guard set.training.count >= specification.labels.last else {
      throw WorkloadError(
        """
        The set \(specification.data.name) has \(set.training.count) pictures to ask about; lower `labels.last`, which is \
        \(specification.labels.last).
        """)
    }
    return (set, classes)
  }
}
