/// A worker the scheduler knows.
struct Worker: Sendable {
  let id: WorkerID
  /// Order of joining: breaks ties, and tells this worker from a later one of the same name.
  let sequence: Int
  var slots = 0
  /// What each of its slots has for a task.
  var offer = Resources()
  var leases: [Lease] = []
  /// How many of the leases are of tasks that are not leased ahead.
  var longLeases = 0
  var lastHeard: Instant
  /// False while a worker has not come back after a restart of the coordinator, and once it is draining.
  var acceptsTasks = false

  var load: Load {
    let overload = leases.count - slots
    return Load(value: overload < 0 || longLeases == 0 ? overload : .max, sequence: sequence)
  }

  /// Whether a task with such needs may be sent to it.
  func accepts(_ needs: Resources) -> Bool { acceptsTasks && offer.covers(needs) }
}

/// A worker's place among those that could take a task.
struct Load: Comparable, Sendable {
  /// Leases beyond the slots; negative while a slot is free. Nothing may wait behind a long task while another worker could
  /// take it, so a full worker that has one is loaded without bound.
  let value: Int
  let sequence: Int

  static func < (left: Load, right: Load) -> Bool { (left.value, left.sequence) < (right.value, right.sequence) }
}

/// When a worker's leases end unless it is heard. Every worker has one entry, moved on lazily.
struct WorkerDeadline: Comparable, Sendable {
  let instant: Instant
  let sequence: Int
  let worker: WorkerID

  static func < (left: WorkerDeadline, right: WorkerDeadline) -> Bool {
    (left.instant, left.sequence) < (right.instant, right.sequence)
  }
}
