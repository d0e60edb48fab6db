import HeapModule
import Scheduling

/// What is going to happen, by virtual time; of two things at the same time the one that was planned first.
struct Timeline {
  private struct Entry: Comparable {
    let instant: Instant
    let sequence: Int
    let happening: Happening

    static func < (left: Entry, right: Entry) -> Bool {
      (left.instant, left.sequence) < (right.instant, right.sequence)
    }

    static func == (left: Entry, right: Entry) -> Bool { left.sequence == right.sequence }
  }

  private var entries = Heap<Entry>()
  private var sequence = 0

  mutating func add(_ happening: Happening, at instant: Instant) {
    sequence += 1
    entries.insert(Entry(instant: instant, sequence: sequence, happening: happening))
  }

  mutating func popFirst() -> (Instant, Happening)? {
    entries.popMin().map { ($0.instant, $0.happening) }
  }
}

/// One thing that happens to the simulated cluster.
enum Happening {
  /// The first message under way in one direction of a connection arrives.
  case arrival(Connection, Direction)
  /// ZeroMQ's own heartbeats are looked at.
  case keepAlive(Connection)
  /// The coordinator's loop goes round.
  case turn(CoordinatorProcess)
  /// The transaction of a turn is on the disk.
  case written(CoordinatorProcess)
  /// The publisher's next step on the disk is done.
  case published(CoordinatorProcess)
  /// A blob that a worker has sent is one step further on its way to the disk.
  case uploaded(CoordinatorProcess, Upload)
  /// A worker's loop goes round.
  case tick(WorkerProcess)
  /// A worker tries to connect.
  case dial(WorkerProcess)
  /// A message reaches a worker that was frozen when it arrived.
  case received(WorkerProcess, ToWorker, Connection)
  /// A computing thread has done what it was doing.
  case step(WorkerProcess, thread: Int, ticket: Int)
  /// A user comes by.
  case client
  case fault
  /// A fault ends.
  case relief(Int)
  /// From now on nothing goes wrong any more.
  case healing
  /// Progress and bounds are looked at.
  case inspection

  /// The process it happens to, which must be alive and awake for it.
  var process: SimulatedProcess? {
    switch self {
    case .turn(let process), .written(let process), .published(let process), .uploaded(let process, _): process
    case .tick(let process), .dial(let process), .received(let process, _, _), .step(let process, _, _): process
    case .arrival, .keepAlive, .client, .fault, .relief, .healing, .inspection: nil
    }
  }
}
