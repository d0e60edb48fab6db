import Messaging
import Scheduling
import Store

// What clients and the coordinator say to each other. A client waits for the answer before it asks again.

/// A new job; the blobs of its inputs are stored already.
struct Submit: MessageBody {
  static let type = "submit"
  let name: String
  /// Name of the job file, for messages about it.
  let file: String
  let yaml: String
  let inputs: [String: Digest]
}

/// The job is accepted, durably.
struct Submitted: MessageBody {
  static let type = "submitted"
  let job: JobID
}

/// All jobs are wanted.
struct ListJobs: MessageBody {
  static let type = "jobs?"
}

/// All jobs, oldest first.
struct Jobs: MessageBody {
  static let type = "jobs"
  let jobs: [JobSummary]
}

/// One job is wanted in detail.
struct AskStatus: MessageBody {
  static let type = "status?"
  let name: String
}

/// The state of a job.
struct Status: MessageBody {
  static let type = "status"
  let status: JobStatus
}

/// All workers are wanted.
struct ListWorkers: MessageBody {
  static let type = "workers?"
}

/// The workers that are connected.
struct Workers: MessageBody {
  static let type = "workers"
  let workers: [WorkerSummary]
}

/// Workers shall hand back what they have, and end: the one of a name, those of a host, or all.
struct DrainWorkers: MessageBody {
  static let type = "drain"
  var worker: String?
  var host: String?
}

/// These workers were told to drain.
struct Draining: MessageBody {
  static let type = "draining"
  let workers: [String]
}

/// A job shall end now.
struct Cancel: MessageBody {
  static let type = "cancel"
  let name: String
}

/// The job is cancelled, durably.
struct Cancelled: MessageBody {
  static let type = "cancelled"
  let name: String
}

/// The failed tasks of a failed job shall be tried again.
struct Retry: MessageBody {
  static let type = "retry"
  let name: String
}

/// The job runs again, durably.
struct Retried: MessageBody {
  static let type = "retried"
  let name: String
  /// Tasks that had failed.
  let tasks: Int
}

/// An ended job shall be removed with all its files.
struct Remove: MessageBody {
  static let type = "remove"
  let name: String
}

/// The job is removed, durably.
struct Removed: MessageBody {
  static let type = "removed"
  let name: String
}

/// A file of a job is wanted.
struct AskArtifact: MessageBody {
  static let type = "artifact?"
  let job: String
  let name: String
}

/// The blob of a job's file.
struct Artifact: MessageBody {
  static let type = "artifact"
  let digest: Digest
}
