import Runtime
import Specification

extension StageTraining {
  /// The training of a stage by a process that no coordinator knows of: what coordination costs is measured against it.
  /// - Parameters:
  ///   - job: A cascade without captions and without weights to start from.
  ///   - files: The job's inputs, by the names that it has for them.
  /// - Throws: `WorkloadError` if the job is another one, and what reading the pictures throws.
  package convenience init(alone job: JobSpecification, stage position: Int, files: [String: [UInt8]]) throws {
    let job = try CascadeJob(job, group: 0)
    let (cascade, stage) = (job.cascade, try job.stage(position))
    guard cascade.text == nil, stage.weights == nil else {
      throw WorkloadError("Only a stage without captions and without weights to start from can train alone.")
    }
    let pictures = try job.pictures { files[$0] }
    let data = StageData(
      stage, pictures, indices: try job.split(pictures).training, lowResolution: cascade.lowResolution(of: position),
      key: job.key(of: stage))
    try self.init(
      stage, try StageNetwork(cascade, stage: position, config: nil, textWidth: nil), data, nil,
      key: job.key(of: stage), weights: nil, checkpoint: nil)
  }
}
