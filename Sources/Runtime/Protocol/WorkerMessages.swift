import Messaging
import Scheduling
import Store

// What a worker says to the coordinator. The page "Protocol" of the documentation specifies each of these.

/// A worker introduces itself; after a broken connection, once more.
struct Hello: MessageBody {
  static let type = "hello"
  let worker: WorkerID
  let slots: Int
  let host: String
  let processID: Int32
  /// What each slot has for a task; one core of any host if absent.
  let offer: Resources?
  let holding: [Lease]
}

/// A worker is alive; how far its tasks are.
struct Heartbeat: MessageBody {
  static let type = "heartbeat"
  var progress: [TaskProgress] = []
}

/// Segments whose blobs are stored, and which the worker claims.
struct Commits: MessageBody {
  static let type = "commits"
  let reports: [CommitReport]
}

/// A task ended with an error.
struct Failure: MessageBody {
  static let type = "failure"
  let lease: Lease
  let message: String
}

/// A draining worker gives tasks back.
struct HandBack: MessageBody {
  static let type = "handback"
  let leases: [Lease]
  /// Those of the tasks that stopped inside a segment: the segment they are in, and the checkpoint to go on from.
  var pauses: [CommitReport]?
}

/// A worker ends.
struct Goodbye: MessageBody {
  static let type = "goodbye"
}
