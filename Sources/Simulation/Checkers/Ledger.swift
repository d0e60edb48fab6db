import OrderedCollections
import Scheduling

/// What the checkers have seen: messages as their receivers saw them, what the disk of the catalogue holds, and what a
/// reader finds in the store. It knows nothing of how the scheduler and the agent work.
final class Ledger {
  /// What is known of a task.
  struct TaskHistory {
    /// Segments whose commits are written.
    var committed = 0
    /// Segments that some worker was told are committed for good.
    var acknowledged = 0
    var isComplete = false
    var record = Job.Task()
    /// The newest epoch that was sent to a worker.
    var dispatched = 0
    /// Failures of its workload, seen where they happened.
    var failures = 0
    /// Leases since the last commit.
    var leases = 0
    /// Who has the newest lease.
    var holder: WorkerID?
    /// Something has happened that may end the holder's lease.
    var isReleased = false
    /// When its last segment was written.
    var committedAt: Instant?
  }

  unowned let cluster: Cluster
  let options: Options
  var works: OrderedDictionary<JobID, Work> = [:]
  var tasks: [TaskID: TaskHistory] = [:]
  var outcomes: [JobID: Job.Outcome] = [:]
  var finished: Set<JobID> = []
  /// Jobs that a user wanted to end.
  var cancelled: Set<JobID> = []
  /// Connections over which a worker has said hello, and when a message of it last reached the coordinator's host. They are kept,
  /// so that no other can be taken for one of them.
  var greeted: [ObjectIdentifier: Connection] = [:]
  var lastArrivals: [WorkerID: Instant] = [:]
  var offers: [WorkerID: Resources] = [:]
  /// Leases that a worker was given, and those that it was told to drop.
  var given: [WorkerID: Set<Lease>] = [:]
  var dropped: [WorkerID: Set<Lease>] = [:]
  /// Turns in which a waiting job was passed over, one after the other.
  var passedOver: [JobID: Int] = [:]
  /// When work last went on, durably.
  var lastProgress = Instant(nanoseconds: 0)
  /// By when everything must have ended that can; nil while things go wrong.
  var end: Instant?
  var commits = 0
  private var lastReport: Report?

  init(_ cluster: Cluster) {
    self.cluster = cluster
    options = cluster.options
  }

  func add(_ work: Work, at now: Instant) {
    works[work.id] = work
    lastProgress = now
  }

  /// The task has failed where it ran, so this worker holds it no longer.
  func failed(_ lease: Lease, at worker: WorkerProcess) {
    tasks[lease.task, default: TaskHistory()].failures += 1
    given[worker.id]?.remove(lease)
  }

  func failures(of task: TaskID) -> Int { tasks[task]?.failures ?? 0 }

  func newestEpoch(of task: TaskID) -> Int { tasks[task]?.record.epoch ?? 0 }

  var openJobs: [JobID] { works.keys.filter { outcomes[$0] == nil } }

  /// Whether nothing is left to wait for.
  var isDone: Bool { works.keys.allSatisfy { finished.contains($0) } }

  func wantsCancelled(_ job: JobID) { cancelled.insert(job) }

  func check(_ holds: Bool, _ promise: String, _ reason: @autoclosure () -> String) {
    if !holds { cluster.fail(.safety, promise, reason()) }
  }

  /// A task of any job, for those who make trouble.
  func anyTask(_ chance: inout Chance) -> TaskID? {
    guard let job = chance.element(of: openJobs), let work = works[job] else { return nil }
    let group = chance.below(work.draft.groups.count)
    guard work.draft.groups[group].count > 0 else { return nil }
    return TaskID(job: job, group: group, index: chance.below(work.draft.groups[group].count))
  }

  /// A claim under a wrong lease that names a blob which exists.
  func forgedReport(_ lease: Lease) -> Report? {
    guard let lastReport, lastReport.draws != nil else { return nil }
    let segment = tasks[lease.task]?.committed ?? 0
    return Report(
      commit: Commit(lease: lease, segment: segment, isLast: segment > 2), draws: lastReport.draws,
      checkpoint: lastReport.checkpoint)
  }

  func remember(_ report: Report) { lastReport = report }
}
