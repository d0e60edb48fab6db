import Foundation
import Scheduling
import Store

/// A task, as the workload that runs it sees it.
///
/// Used by one thread, the one that computes. Blobs are read there and written beside it, so that the thread which talks to
/// the coordinator never waits for a disk.
public final class TaskContext {
  /// The job's name.
  public let job: String
  /// The text of the job file.
  public let yaml: String
  /// Position of the task's group in the plan.
  public let group: Int
  /// Position of the task in its group.
  public let index: Int
  /// Segments that are committed; the next commit is for the one of this number.
  public private(set) var segments: Int
  /// What to go on from: what the last committed segment left, or the task when it paused inside the next one.
  public let checkpoint: [UInt8]?
  /// What the tasks that this one waits for have committed.
  public let artifacts: [TaskArtifact]
  /// Whether the last segment is committed.
  private(set) var isComplete = false
  private let inputs: [String: Digest]
  private let lease: Lease
  private let desk: WorkerDesk
  private let writer: SegmentWriter

  init(_ assignment: Assignment, of job: JobDescription, desk: WorkerDesk) throws {
    self.job = job.name
    yaml = job.yaml
    group = assignment.lease.task.group
    index = assignment.lease.task.index
    segments = assignment.segments
    artifacts = assignment.artifacts ?? []
    inputs = job.inputs
    lease = assignment.lease
    self.desk = desk
    writer = SegmentWriter(lease, desk)
    checkpoint = try assignment.checkpoint.map { try desk.read($0) }
  }

  /// The bytes of one of the job's input files; nil if the job has none of that name.
  public func input(_ name: String) throws -> [UInt8]? {
    try inputs[name].map { try desk.read($0) }
  }

  /// The bytes of an artifact.
  public func read(_ artifact: TaskArtifact) throws -> [UInt8] { try desk.read(artifact.digest) }

  /// Files of all commits in one message, which must stay below the longest frame.
  static let outputsMax = 4096

  /// Takes over what a segment brings, to be stored and claimed while the task goes on.
  ///
  /// A full disk is waited for, so nothing is lost: the next commit waits until this one is stored, and the last until all
  /// are. So is the coordinator, when too many commits are unacknowledged.
  /// - Throws: `TaskStopped` when the task is wanted no longer, `StoreError` also for the segment before, `WorkloadError` for
  ///   thousands of files.
  public func commit(_ segment: Segment, isLast: Bool) throws {
    guard segment.files.count < Self.outputsMax else {
      throw WorkloadError("A segment brought \(segment.files.count) files; make shorter segments.")
    }
    try writer.commit(segment, number: segments, isLast: isLast)
    segments += 1
    isComplete = isLast
    if !isLast, desk.isFinishing(lease) { throw TaskStopped() }
  }

  /// Waits until all that was committed is stored and claimed.
  /// - Throws: as `commit`.
  func settle() throws { try writer.settle() }

  /// Gives the task back inside a segment, if this worker is about to end; else does nothing. Worth a call after every
  /// step when segments may take long.
  /// - Parameter checkpoint: What the task is to go on from, elsewhere: `checkpoint` will be these bytes.
  /// - Throws: `TaskStopped` if the task has paused, `StoreError`.
  public func pauseIfAsked(_ checkpoint: () throws -> [UInt8]) throws {
    guard desk.isFinishing(lease) else { return }
    try settle()
    var report = CommitReport(commit: Commit(lease: lease, segment: segments, isLast: false))
    report.checkpoint = try writer.put(try checkpoint(), of: segments)
    desk.posts.post(.paused(report))
    throw TaskStopped()
  }

  /// Tells how far the task is, for people to watch.
  /// - Throws: `TaskStopped` when the task is wanted no longer.
  public func report(_ progress: TaskProgress) throws {
    try desk.checkWanted(lease)
    desk.note(progress, of: lease)
  }
}
