import Runtime
import Specification

extension TaskContext {
  /// The job that the task belongs to.
  func specification() throws(SpecificationError) -> JobSpecification {
    try JobSpecification(yaml: yaml, file: "\(job).yaml")
  }
}

extension JobSpecification {
  /// Name of a group of tasks, by its number in the plan.
  /// - Parameter job: Name that the job was submitted under.
  func groupName(_ number: Int, job: String) throws(WorkloadError) -> String {
    let groups = plan().groups
    guard groups.indices.contains(number) else { throw WorkloadError("Job \(job) has no such tasks.") }
    return groups[number].name
  }
}
