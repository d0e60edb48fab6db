/// What can happen to a scheduler.
public enum Event: Equatable, Sendable {
  /// A job was accepted.
  case submitted(Job)
  /// A worker introduced itself, for the first time or again after its connection broke; `offer` is what each of its slots
  /// has for a task, `holding` what it works on.
  case joined(WorkerID, slots: Int, offer: Resources = Resources(), holding: [Lease])
  /// Any sign of life of a worker.
  case heard(WorkerID)
  /// A worker claims a segment.
  case committed(Commit, by: WorkerID)
  /// A workload ended with an error.
  case failed(Lease, by: WorkerID)
  /// A worker wants no more tasks and gives these back, none of them at fault.
  case handedBack([Lease], by: WorkerID)
  /// A worker's connection is closed.
  case left(WorkerID)
  /// The user cancelled a job.
  case cancelled(JobID)
  /// Time has passed, and all that had arrived by now is handled: only now is silence judged, so that a pause of the
  /// coordinator's own ends no lease.
  case tick
}

/// What a scheduler asks its owner to do, in this order: whatever follows a `persist` waits until that is durable. What one
/// event persists is stored as a whole or not at all.
public enum Command: Equatable, Sendable {
  /// Make this the stored state of a task.
  case persistTask(TaskID, Job.Task)
  /// Store that a segment is committed, together with its outputs.
  case persistCommit(Commit)
  /// Store that a worker was lost with this task.
  case persistLoss(Lease, of: WorkerID)
  /// Store that a job has ended, and tell those who wait for it; or, without an outcome, that it runs again.
  case persistOutcome(JobID, Job.Outcome?)
  /// Send a task to a worker, to go on after `segments` committed ones.
  case dispatch(Lease, segments: Int, to: WorkerID)
  /// Tell a worker that a segment is committed for good.
  case acknowledge(Commit, to: WorkerID)
  /// Give the outputs of a committed segment their names in the store.
  case publish(TaskID, segment: Int)
  /// Tell a worker to stop a task whose lease it has lost.
  case revoke(Lease, from: WorkerID)
  /// Forget a silent worker.
  case disconnect(WorkerID)
}
