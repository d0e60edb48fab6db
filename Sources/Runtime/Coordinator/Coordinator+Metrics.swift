import Scheduling
import Telemetry

/// What a coordinator counts for its page of metrics, since its start.
struct CoordinatorFigures {
  private(set) var commits = 0
  private(set) var ended = ["completed": 0, "failed": 0]
  private(set) var departures: [String: Int] = [:]
  /// From the arrival of a commit until it is durable.
  private(set) var commitSeconds = Histogram()
  /// Of the catalogue, each with its fsync.
  private(set) var transactionSeconds = Histogram()
  /// When the leases that stand now began.
  private(set) var leaseStarts: [Lease: Instant] = [:]
  var blobBytesReceived = 0
  var blobBytesSent = 0
  /// Commits of this turn, by their arrival.
  private var arrivals: [(at: Instant, commits: Int)] = []
  var published = Instant(nanoseconds: 0)

  mutating func arrived(_ commits: Int, at now: Instant) { arrivals.append((now, commits)) }

  mutating func departed(_ reason: String) { departures[reason, default: 0] += 1 }

  /// Notes changes that have become durable.
  mutating func wrote(_ changes: [Catalogue.Change], from start: Instant, to end: Instant) {
    if !changes.isEmpty { transactionSeconds.observe(end.seconds(since: start)) }
    for change in changes {
      switch change {
      case .commit: commits += 1
      case .task(let task, let record): note(record, of: task, at: end)
      case .attempt, .pause, .outcome, .finished, .removed: break
      }
    }
    for (arrival, count) in arrivals { commitSeconds.observe(end.seconds(since: arrival), times: count) }
    arrivals.removeAll(keepingCapacity: true)
  }

  private mutating func note(_ record: Job.Task, of task: TaskID, at now: Instant) {
    let lease = Lease(task: task, epoch: record.epoch)
    if case .leased = record.state {
      leaseStarts[lease] = leaseStarts[lease] ?? now
    } else {
      // The epoch may have grown when the lease ended.
      leaseStarts[lease] = nil
      leaseStarts[Lease(task: task, epoch: record.epoch - 1)] = nil
    }
    if record.state == .completed || record.state == .failed { ended[record.state.name, default: 0] += 1 }
  }
}

extension Coordinator {
  /// Silence of a worker that should have sent a heartbeat.
  private static let heartbeatMissedSeconds = 2.0

  /// Shows the present figures, at most once a second.
  func showMetrics() {
    guard let vitals, var figures else { return }
    vitals.turn()
    let now = MonotonicClock.now
    guard now.seconds(since: figures.published) >= 1 else { return }
    figures.published = now
    self.figures = figures
    let obstacle = publisher.backlog >= Self.backlogMax ? "files cannot be given their names fast enough" : nil
    vitals.publish(
      taskMetrics(figures, now) + workerMetrics(figures, now) + storeMetrics(figures) + peerMetrics,
      obstacle: probe?.obstacle ?? obstacle)
  }

  private func taskMetrics(_ figures: CoordinatorFigures, _ now: Instant) -> [Metric] {
    var (completed, running, failed, total) = (0, 0, 0, 0)
    for counts in scheduler.runningJobs.flatMap({ scheduler.counts(of: $0) ?? [] }) {
      completed += counts.completed
      running += counts.running
      failed += counts.failed
      total += counts.total
    }
    let queued = total - completed - running - failed
    let oldest = figures.leaseStarts.values.min().map { now.seconds(since: $0) } ?? 0
    return [
      .gauge("jobs_running", "Jobs that have not ended.", Double(jobs.count)),
      .gauge(
        "tasks", "Tasks of the jobs that have not ended.", by: "state",
        [
          ("queued", Double(queued)), ("running", Double(running)), ("completed", Double(completed)),
          ("failed", Double(failed)),
        ]),
      .counter(
        "tasks_ended_total", "Tasks that have ended.", by: "outcome",
        figures.ended.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
      .gauge("lease_age_seconds", "Age of the oldest lease that stands.", oldest),
      .counter("commits_total", "Segments committed.", Double(figures.commits)),
      .histogram(
        "commit_seconds", "From the arrival of a commit until it is durable, in seconds.", figures.commitSeconds),
      .histogram(
        "catalogue_transaction_seconds", "Transactions of the catalogue with their fsync, in seconds.",
        figures.transactionSeconds),
    ]
  }

  private func workerMetrics(_ figures: CoordinatorFigures, _ now: Instant) -> [Metric] {
    let workers = peers.workers
    let silences = workers.map { now.seconds(since: $0.lastHeard) }
    return [
      .gauge("workers", "Workers that are connected.", Double(workers.count)),
      .gauge("slots", "Tasks that these can work on at a time.", Double(workers.reduce(0) { $0 + $1.slots })),
      .gauge(
        "workers_silent", "Workers that have missed a heartbeat.",
        Double(silences.count { $0 > Self.heartbeatMissedSeconds })),
      .gauge("worker_silence_seconds", "Longest time that a worker has not been heard.", silences.max() ?? 0),
      .counter(
        "workers_left_total", "Workers that have left.", by: "reason",
        figures.departures.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
    ]
  }

  private func storeMetrics(_ figures: CoordinatorFigures) -> [Metric] {
    [
      .counter("published_bytes_total", "Bytes of files that got their names.", Double(publisher.publishedBytes)),
      .counter("blob_received_bytes_total", "Bytes of blobs that peers sent.", Double(figures.blobBytesReceived)),
      .counter("blob_sent_bytes_total", "Bytes of blobs that peers fetched.", Double(figures.blobBytesSent)),
      .gauge("store_free_bytes", "Bytes the store's file system has left.", probe?.freeBytes ?? 0),
      .gauge("publisher_backlog", "Commits whose files wait for their names.", Double(publisher.backlog)),
    ]
  }

  private var peerMetrics: [Metric] {
    let held = connectionGuard?.report
    return [
      .gauge("connections", "Connections to the coordinator's port.", Double(held?.connections ?? 0)),
      .gauge("held_bytes", "Bytes that peers make the coordinator hold.", Double(held?.heldBytes ?? 0)),
      .counter("connections_cut_total", "Connections cut since they held too much.", Double(held?.cuts ?? 0)),
      .counter(
        "connections_refused_total", "Connections refused for want of a key.",
        Double(authenticator?.refusals.count ?? 0)),
      .counter("messages_malformed_total", "Messages that could not be read.", Double(malformedMessages)),
      .counter("role_violations_total", "Requests that a key's role does not allow.", Double(violations)),
    ]
  }
}
