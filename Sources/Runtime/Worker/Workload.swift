/// The code that runs one kind of task.
///
/// A workload computes a task segment by segment and commits each. It starts from `task.checkpoint` when the task has
/// been worked on before, and from its inputs otherwise; what it commits may depend on nothing else, so that a task which
/// moved from host to host ends in the same bytes (G4).
///
/// ```swift
/// struct Doubling: Workload {
///   func run(_ task: TaskContext) throws {
///     var value = task.checkpoint.map { Int($0[0]) } ?? 1
///     for segment in task.segments..<5 {
///       value *= 2
///       try task.commit(
///         Segment(files: ["value-\(segment).txt": Array("\(value)".utf8)], checkpoint: [UInt8(value)]),
///         isLast: segment == 4)
///     }
///   }
/// }
/// ```
public protocol Workload: Sendable {
  /// Runs a task from where it is to its end.
  /// - Throws: `TaskStopped` as the context threw it; anything else fails the task with that message.
  func run(_ task: TaskContext) throws
}

/// What a worker can do.
public struct Workshop: Sendable {
  /// Every kind of task that it can run, by the name that plans use.
  public let workloads: [String: any Workload]
  /// Called before each task, on the thread that computes it, with the number of threads that its operations may use.
  public let prepare: @Sendable (_ threads: Int) -> Void

  public init(workloads: [String: any Workload], prepare: @escaping @Sendable (_ threads: Int) -> Void = { _ in }) {
    self.workloads = workloads
    self.prepare = prepare
  }
}

/// What a workload gives to its job with one commit.
public struct Segment: Sendable {
  /// New files of the job, by their names in its folder.
  public var files: [String: [UInt8]]
  /// What the task goes on from; none after the last segment.
  public var checkpoint: [UInt8]?
  /// The Zarr store that some of the files are chunks of: its name in the job's folder, and its layout as JSON.
  public var zarr: (name: String, layout: [UInt8])?
  /// Draws of the Zarr store that this task has committed, this segment included, by counter.
  public var extent: [String: Int]

  /// Gathers what a segment brings.
  public init(
    files: [String: [UInt8]] = [:], checkpoint: [UInt8]? = nil, zarr: (name: String, layout: [UInt8])? = nil,
    extent: [String: Int] = [:]
  ) {
    self.files = files
    self.checkpoint = checkpoint
    self.zarr = zarr
    self.extent = extent
  }
}

/// Thrown out of a workload whose task is wanted no longer, here or at all; it is no failure.
public struct TaskStopped: Error {}

/// A reason for a task to fail.
public struct WorkloadError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
