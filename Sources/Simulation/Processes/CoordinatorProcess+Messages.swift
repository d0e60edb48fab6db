import Scheduling

extension CoordinatorProcess {
  /// Serves one message, as the real coordinator does.
  func serve(_ message: ToCoordinator, _ connection: Connection) {
    cluster.ledger.served(message, from: connection, at: cluster.now)
    if case .hello(let slots, let holding) = message { return greet(connection, slots, holding) }
    let worker = connection.worker.id
    let isKnown = connections[worker] === connection
    if isKnown { handle(.heard(worker)) }
    switch message {
    case .put(let blob): return upload(blob, from: connection)
    case .fetch(let digests): return serve(digests, connection)
    case .goodbye: return forget(connection)
    case .hello, .heartbeat, .commits, .failure, .handBack, .closed: break
    }
    guard isKnown else { return cluster.send(.unknown, over: connection) }
    switch message {
    case .commits(let reports): for report in reports { take(report, by: worker) }
    case .failure(let lease): handle(.failed(lease, by: worker))
    case .handBack(let leases, let pauses):
      note(pauses, of: worker)
      handle(.handedBack(leases, by: worker))
    case .hello, .heartbeat, .goodbye, .put, .fetch, .closed: break
    }
  }

  private func greet(_ connection: Connection, _ slots: Int, _ holding: [Lease]) {
    connections[connection.worker.id] = connection
    cluster.send(.welcome, over: connection)
    let offer = cluster.options.offers[connection.worker.host.number]
    handle(.joined(connection.worker.id, slots: slots, offer: offer, holding: holding))
  }

  private func take(_ report: Report, by worker: WorkerID) {
    // What a commit names must be in the store already.
    guard report.digests.allSatisfy({ cluster.disk.file(at: .blob($0)) != nil }) else {
      return handle(.failed(report.commit.lease, by: worker))
    }
    let (commit, worker) = cluster.mutant.distort(report.commit, by: worker, scheduler)
    handle(.committed(commit, by: worker), report: report)
  }

  private func note(_ reports: [Report], of worker: WorkerID) {
    let held = scheduler.leases(of: worker)
    for report in reports {
      let (task, segment) = (report.commit.lease.task, report.commit.segment)
      guard held.contains(report.commit.lease), scheduler.record(of: task)?.segments == segment,
        let checkpoint = report.checkpoint, cluster.disk.file(at: .blob(checkpoint)) != nil
      else { continue }
      let pause = Pause(segment: segment, checkpoint: checkpoint)
      pauses[task] = pause
      turn.add(.pause(task, pause))
    }
  }

  func serve(_ digests: [Digest], _ connection: Connection) {
    var blobs: [Digest: UInt64] = [:]
    for digest in digests {
      guard case .bytes(let bytes)? = cluster.disk.read(.blob(digest)) else {
        return cluster.fail(.safety, "G3", "blob \(digest) of a committed segment is not in the store any more")
      }
      blobs[digest] = bytes
    }
    cluster.send(.blobs(blobs), over: connection)
  }

  /// A connection is of no use any more: its worker has left.
  func forget(_ connection: Connection) {
    let worker = connection.worker.id
    guard connections[worker] === connection else { return }
    connections[worker] = nil
    for lease in cluster.mutant == .budgetSpentByLosses ? scheduler.leases(of: worker) : [] {
      handle(.failed(lease, by: worker))
    }
    handle(.left(worker))
  }

  var joinedWorkers: Int { connections.count }
}

extension Event {
  /// Whether it happens all the time, and is of no interest to a reader.
  var isRoutine: Bool {
    switch self {
    case .heard, .tick: true
    default: false
    }
  }
}
