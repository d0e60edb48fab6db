import Messaging
import Scheduling
import Store

// What the coordinator says to workers.

/// The coordinator knows the worker from now on.
struct Welcome: MessageBody {
  static let type = "welcome"
  let storeIdentity: String
  /// Where the coordinator has the store; a worker that sees the same folder there writes to it directly.
  let storePath: String
}

/// The coordinator is alive.
struct Pulse: MessageBody {
  static let type = "pulse"
  /// Why nothing may be stored at present; absent if something may.
  var shortage: String?
}

/// Tasks to work on, in order, and the jobs that this connection has not been told of yet.
struct Dispatch: MessageBody {
  static let type = "dispatch"
  let jobs: [JobDescription]
  let assignments: [Assignment]
}

/// A job, as a worker needs it.
struct JobDescription: Codable, Sendable {
  let id: JobID
  let name: String
  /// The text of the job file.
  let yaml: String
  /// Blobs of the files the job names.
  let inputs: [String: Digest]
  /// Workload of each group.
  let kinds: [String]
  /// Threads that the tasks of each group compute with.
  let cores: [Int]
}

/// A task to work on.
struct Assignment: Codable, Sendable {
  let lease: Lease
  /// Segments that are committed already.
  let segments: Int
  /// Where to go on from, at the start of a segment or inside it; absent before the first commit or pause.
  let checkpoint: Digest?
  /// What the tasks that this one waits for have committed; absent if it waits for none.
  let artifacts: [TaskArtifact]?
}

/// Segments are committed for good.
struct Acknowledge: MessageBody {
  static let type = "acknowledge"
  let commits: [Commit]
}

/// Leases that the worker has lost.
struct Revoke: MessageBody {
  static let type = "revoke"
  let leases: [Lease]
}

/// The worker shall hand back what it has, and end.
struct Drain: MessageBody {
  static let type = "drain"
}

/// The coordinator does not know this worker; it shall say hello.
struct Unknown: MessageBody {
  static let type = "unknown"
}

/// A request could not be served.
struct Refused: MessageBody {
  static let type = "refused"
  /// Says what kind of trouble it is, for programs.
  let code: String
  /// Says what to do, for people.
  let message: String
  /// The blob the request was about, if any.
  var digest: Digest?
}
