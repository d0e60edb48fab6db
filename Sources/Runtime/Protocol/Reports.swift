import Scheduling
import Store

/// A file that a task gives to its job.
public struct Output: Codable, Hashable, Sendable {
  /// Path inside the job's folder.
  public let name: String
  /// Its bytes.
  public let digest: Digest

  public init(name: String, digest: Digest) {
    self.name = name
    self.digest = digest
  }
}

/// A commit with all it brings. Optional fields are absent for the many tasks that bring nothing.
struct CommitReport: Codable, Hashable, Sendable {
  let commit: Commit
  var outputs: [Output]?
  /// What the task goes on from.
  var checkpoint: Digest?
  /// Description of the Zarr store that some of the outputs are chunks of.
  var layout: ZarrReference?
  /// Rows of the Zarr store that the task has committed so far, by counter (`warmup`, `draw`).
  var extent: [String: Int]?
}

/// Where a layout is, and the Zarr store it describes.
struct ZarrReference: Codable, Hashable, Sendable {
  /// Path of the Zarr store inside the job's folder.
  let name: String
  /// The layout, as JSON.
  let digest: Digest
}

/// A file that another task of the job has committed.
public struct TaskArtifact: Codable, Hashable, Sendable {
  /// Position of the task in its group.
  public let task: Int
  public let name: String
  public let digest: Digest
}

/// How far a task is, as its workload tells it.
public struct TaskProgress: Codable, Hashable, Sendable {
  /// A figure worth watching.
  public struct Figure: Codable, Hashable, Sendable {
    public let name: String
    public let value: Double

    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// Filled in by the worker.
  public internal(set) var lease: Lease?
  /// What it is doing, in a word or two.
  public var phase: String
  public var done: Int
  public var total: Int
  /// Steps done in a second of late.
  public var rate: Double
  public var figures: [Figure]

  public init(phase: String, done: Int, total: Int, rate: Double, figures: [Figure] = []) {
    self.phase = phase
    self.done = done
    self.total = total
    self.rate = rate
    self.figures = figures
  }

  /// Whether it is small enough to be kept for every running task.
  var isShort: Bool {
    phase.utf8.count <= 64 && figures.count <= 64 && figures.allSatisfy { $0.name.utf8.count <= 64 }
  }
}

/// A job in one line.
public struct JobSummary: Codable, Sendable {
  public let name: String
  /// `running`, or how it ended.
  public let state: String
  /// What it may use in proportion to other jobs.
  public let share: Int
  public let completed: Int
  public let running: Int
  public let total: Int
}

/// A job in detail.
public struct JobStatus: Codable, Sendable {
  public let summary: JobSummary
  public let groups: [GroupStatus]
  /// Tasks that have started and not ended, and those that failed.
  public let tasks: [TaskStatus]
  /// What tasks wait for that no connected worker offers; nil if they could run.
  public let waitsFor: String?
  /// Where the coordinator keeps the job's files.
  public let folder: String
}

/// A group of a job.
public struct GroupStatus: Codable, Sendable {
  public let name: String
  public let completed: Int
  public let total: Int
}

/// A task worth showing.
public struct TaskStatus: Codable, Sendable {
  /// Name of its group.
  public let group: String
  public let index: Int
  /// `running`, `queued`, `waiting to retry`, `completed` or `failed`.
  public let state: String
  /// Where it runs.
  public let worker: String?
  public let segments: Int
  /// Why it last failed.
  public let failure: String?
  public let progress: TaskProgress?
}

/// A worker in one line.
public struct WorkerSummary: Codable, Sendable {
  public let name: String
  public let host: String
  public let slots: Int
  /// What each slot has for a task.
  public let offer: Resources
  public let tasks: [String]
  /// Whether it takes no more tasks, since it is about to end.
  public let isDraining: Bool?
}
