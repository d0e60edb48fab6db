import Datasets
import Runtime
import Specification
import Tensors

/// A cascade job as one of its tasks sees it.
struct CascadeJob {
  let cascade: CascadeSpecification
  /// Name of the task's group in the plan.
  let group: String
  let seed: UInt64

  /// Decodes the job that a task belongs to.
  init(_ task: TaskContext) throws {
    try self.init(try task.specification(), group: task.group)
  }

  /// Takes the part of a job that a group of its tasks is about.
  init(_ job: JobSpecification, group: Int) throws(WorkloadError) {
    guard case .cascade(let cascade) = job.work else { throw WorkloadError("Job \(job.name) is no cascade.") }
    self.cascade = cascade
    self.group = try job.groupName(group, job: job.name)
    seed = job.seed
  }

  /// Names the randomness of one part of the job: a function of the job's seed and that name alone.
  func key(_ purpose: String) -> RandomKey { RandomKey(seed: seed).purpose("cascade").purpose(purpose) }

  /// Names the randomness of a stage: it does not depend on which other stages there are.
  func key(of stage: StageSpecification) -> RandomKey { key("stage").purpose(stage.name) }

  /// The pictures, which come with the job.
  func pictures(_ task: TaskContext) throws -> ImageSet { try pictures(task.input) }

  /// The pictures, from files by the names that the job has for them.
  func pictures(_ input: (String) throws -> [UInt8]?) throws -> ImageSet {
    try ImageSet(cascade.data, read: input)
  }

  /// The pictures that stages train on, and those held out from all of them.
  func split(_ pictures: ImageSet) throws -> (training: [Int], heldOut: [Int]) {
    guard cascade.validation > 0 else { return (Array(0..<pictures.count), []) }
    return try pictures.split(heldOut: cascade.validation, key: key("split").bits)
  }

  /// The stage of a name.
  func stage(_ position: Int) throws(WorkloadError) -> StageSpecification {
    guard cascade.stages.indices.contains(position) else {
      throw WorkloadError("The cascade has no stage \(position).")
    }
    return cascade.stages[position]
  }
}

extension TaskContext {
  /// The bytes of a file that tasks before this one, or beside it, have committed; nil if none has.
  func artifact(_ name: String) throws -> [UInt8]? {
    try artifacts.last { $0.name == name }.map(read)
  }

  /// The bytes of a file that this task cannot do without.
  func required(_ name: String) throws -> [UInt8] {
    guard let bytes = try artifact(name) else { throw WorkloadError("No task has committed \(name).") }
    return bytes
  }
}
