import HeapModule

/// A worker the scheduler knows.
struct Worker: Sendable {
  let id: WorkerID
  /// Order of joining: breaks ties, and tells this worker from a later one of the same name.
  let sequence: Int
  var slots: Int
  var leases: [Lease] = []
  var lastHeard: Instant
  /// False while a worker has not come back after a restart of the coordinator, and once it is draining.
  var acceptsTasks: Bool

  /// Leases beyond the slots; negative while a slot is free.
  var overload: Int { leases.count - slots }
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
    let overload: Int
    let sequence: Int
    let worker: WorkerID

    static func < (left: Entry, right: Entry) -> Bool {
      (left.overload, left.sequence) < (right.overload, right.sequence)
    }
  }

  private var heap = Heap<Entry>()

  /// Notes the present load of a worker.
  mutating func insert(_ worker: Worker, among workers: [WorkerID: Worker]) {
    if heap.count > 4 * workers.count + 64 { heap = Heap(workers.values.filter(\.acceptsTasks).map(Self.entry)) }
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
    Entry(overload: worker.overload, sequence: worker.sequence, worker: worker.id)
  }
}
