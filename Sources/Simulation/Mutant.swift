import Scheduling

/// A defect, put into the simulated edge to show that the checkers bite; for tests and `Scripts/simulate --mutant`. The
/// scheduler, the agent and the order of work are the real ones: a mutant distorts what goes in and out of them.
public enum Mutant: String, CaseIterable, Sendable {
  /// No defect.
  case none
  /// A commit of an old epoch is taken as if it were of the newest.
  case epochNotCompared
  /// A commit is taken although segments before it are missing.
  case gapAccepted
  /// What a turn has decided is sent before its changes are written.
  case acknowledgedBeforePersisted
  /// The catalogue does not sync every transaction.
  case catalogueNotSynced
  /// Blobs are claimed before they are synced.
  case blobNotSynced
  /// The metadata shows draws that do not have their names yet.
  case shownBeforeNamed
  /// The metadata gets its name before its bytes are on the disk.
  case metadataNotSynced
  /// A worker that is welcomed again does not send what was not acknowledged.
  case outboxDropped
  /// A worker goes on with a task although it was told to stop.
  case revocationIgnored
  /// A restarted coordinator does not remember who works on what.
  case leasesForgotten
  /// A restarted coordinator believes that it has not heard of its workers for long.
  case leasesRestoredStale
  /// Silence is judged before the messages are read that arrived meanwhile.
  case silenceJudgedFirst
  /// Tasks go to workers that do not have what they need.
  case needsIgnored
  /// Every other job gets a thousand times its share.
  case sharesDistorted
  /// A lost worker counts as a failure of its tasks.
  case budgetSpentByLosses

  /// What a restarted coordinator reads of the tasks.
  func distort(records: [(TaskID, Job.Task)]) -> [(TaskID, Job.Task)] {
    guard self == .leasesForgotten else { return records }
    return records.map { task, record in
      var record = record
      if case .leased = record.state { record.state = .queued }
      return (task, record)
    }
  }

  /// What a scheduler is told of a job.
  func distort(_ job: Job) -> Job {
    let isFavoured = self == .sharesDistorted && job.id.rawValue.isMultiple(of: 2)
    guard self == .needsIgnored || isFavoured else { return job }
    let groups = job.groups.map { group in
      Job.Group(
        count: group.count, after: group.after, afterEach: group.afterEach, beside: group.beside,
        leaseAhead: group.leaseAhead, retries: group.retries,
        priority: group.priority, needs: isFavoured ? group.needs : Resources())
    }
    return Job(id: job.id, share: isFavoured ? 1000 * job.share : job.share, groups: groups)
  }

  /// When a restarted coordinator believes to have last heard of its workers.
  func distort(restoredAt now: Instant) -> Instant {
    self == .leasesRestoredStale ? now.advanced(bySeconds: -1000) : now
  }

  /// What a coordinator tells its scheduler of a commit.
  func distort(_ commit: Commit, by worker: WorkerID, _ scheduler: Scheduler) -> (Commit, WorkerID) {
    guard let record = scheduler.record(of: commit.lease.task) else { return (commit, worker) }
    switch self {
    case .epochNotCompared:
      guard case .leased(let holder) = record.state, commit.segment == record.segments else { return (commit, worker) }
      let lease = Lease(task: commit.lease.task, epoch: record.epoch)
      return (Commit(lease: lease, segment: commit.segment, isLast: commit.isLast), holder)
    case .gapAccepted:
      guard commit.segment > record.segments else { return (commit, worker) }
      return (Commit(lease: commit.lease, segment: record.segments, isLast: commit.isLast), worker)
    default: return (commit, worker)
    }
  }
}
