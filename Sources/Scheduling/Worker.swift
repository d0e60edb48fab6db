import HeapModule

/// A worker the scheduler knows.
struct Worker: Sendable {
  let id: WorkerID
  /// Order of joining: breaks ties, and tells this worker from a later one of the same name.
  let sequence: Int
  var slots = 0
  var leases: [Lease] = []
  /// How many of the leases are of tasks that are not leased ahead.
  var longLeases = 0
  var lastHeard: Instant
  /// False while a worker has not come back after a restart of the coordinator, and once it is draining.
  var acceptsTasks = false

  /// Leases beyond the slots; negative while a slot is free. Nothing may wait behind a long task while another worker
  /// could take it, so a full worker that has one is loaded without bound.
  var load: Int {
    let overload = leases.count - slots
    return overload < 0 || longLeases == 0 ? overload : .max
  }
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

/// Workers by their load, least loaded first. Entries go stale when a load changes and are skipped.
struct FreeWorkers: Sendable {
  private struct Entry: Comparable, Sendable {
    let load: Int
    let sequence: Int
    let worker: WorkerID

    static func < (left: Entry, right: Entry) -> Bool {
      (left.load, left.sequence) < (right.load, right.sequence)
    }
  }

  private var heap = Heap<Entry>()

  /// Notes the present load of a worker.
  mutating func insert(_ worker: Worker, among workers: [WorkerID: Worker]) {
    if heap.count > 4 * workers.count + 64 {
      heap = Heap(workers.values.filter(\.acceptsTasks).map(Self.entry))
    }
    if worker.acceptsTasks { heap.insert(Self.entry(worker)) }
  }

  /// The least loaded worker that accepts tasks.
  mutating func first(in workers: [WorkerID: Worker]) -> Worker? {
    while let entry = heap.min {
      if let worker = workers[entry.worker], worker.acceptsTasks, Self.entry(worker) == entry { return worker }
      heap.removeMin()
    }
    return nil
  }

  private static func entry(_ worker: Worker) -> Entry {
    Entry(load: worker.load, sequence: worker.sequence, worker: worker.id)
  }
}
