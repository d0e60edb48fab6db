import DequeModule
import Scheduling

/// Which way a message goes.
enum Direction {
  case up, down
}

/// What a worker says to the coordinator.
enum ToCoordinator {
  case hello(slots: Int, holding: [Lease])
  case heartbeat
  case commits([Report])
  case failure(Lease)
  case handBack([Lease], pauses: [Report])
  case goodbye
  case put(Blob)
  case fetch([Digest])
  /// The connection ends here.
  case closed
}

/// What the coordinator says to a worker.
enum ToWorker {
  case welcome
  case unknown
  case dispatch([Assignment])
  case acknowledge([Commit])
  case revoke([Lease])
  case stored(Digest)
  case refused(Digest)
  case blobs([Digest: UInt64])
  case closed
}

/// A commit, or a pause inside a segment, with what it brings.
struct Report {
  let commit: Commit
  /// The segment's draws; none of a pause.
  let draws: Digest?
  /// What the task goes on from; none after the last segment.
  let checkpoint: Digest?

  /// Whether there is nothing to store and nothing to publish.
  var isEmpty: Bool { draws == nil && checkpoint == nil }
  var digests: [Digest] { [draws, checkpoint].compactMap { $0 } }
}

/// Bytes under their digest.
struct Blob {
  let digest: Digest
  let bytes: UInt64

  init(_ bytes: UInt64) { (digest, self.bytes) = (Work.digest(bytes), bytes) }
}

/// Where a task has paused.
struct Pause {
  let segment: Int
  let checkpoint: Digest
}

/// A task to work on.
struct Assignment {
  let lease: Lease
  let segments: Int
  let checkpoint: Digest?
  /// Draws of the groups this task waits for, in order.
  let artifacts: [Digest]
}

/// Messages on their way in one direction; they arrive in order.
struct Stream<Message> {
  var messages = Deque<(message: Message, ready: Instant)>()
  /// Whether an arrival is planned; not while the link is cut.
  var isMoving = false

  /// Of what the sender has sent only the first part is on its way.
  mutating func loseTail(_ chance: inout Chance) {
    messages.removeLast(messages.count - chance.below(messages.count + 1))
  }
}

/// A TCP connection. What arrives, arrives in order; when it breaks, the last part of what was sent is lost.
final class Connection {
  let worker: WorkerProcess
  let coordinator: CoordinatorProcess
  var up = Stream<ToCoordinator>()
  var down = Stream<ToWorker>()
  var isOpenAtWorker = true
  var isOpenAtCoordinator = true
  /// When both ends last could have exchanged ZeroMQ's own heartbeats.
  var lastAnswered: Instant

  init(_ worker: WorkerProcess, _ coordinator: CoordinatorProcess, now: Instant) {
    self.worker = worker
    self.coordinator = coordinator
    lastAnswered = now
  }
}
