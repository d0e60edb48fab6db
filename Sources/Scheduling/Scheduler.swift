import HeapModule
import OrderedCollections

/// Decides which worker works on which task: a value without clock, randomness or I/O.
///
/// Events go in one at a time, and commands come out in the order in which they must be carried out. An attempt at a task
/// is its lease, (task, epoch); a message about an older epoch is answered with `revoke` and changes nothing, so that
/// there are no races to think about. An event costs O(log n) in workers and in tasks that wait.
public struct Scheduler: Sendable {
  /// The numbers a scheduler runs by.
  public struct Configuration: Equatable, Sendable {
    /// Silence after which a worker's leases end, in seconds.
    public var leaseSeconds = 4.5
    /// Wait before the first retry of a failed task, in seconds; it doubles with each further one.
    public var backoffSeconds = 1.0
    /// Longest wait before a retry, in seconds.
    public var backoffSecondsMax = 60.0
    /// Workers a task may lose between two commits before it is taken for their murderer.
    public var lossesMax = 10

    public init() {}
  }

  public let configuration: Configuration
  var jobs: [JobID: JobProgress] = [:]
  var workers: [WorkerID: Worker] = [:]
  /// Where tasks and workers meet, by the tasks' needs, in the order in which these first came up.
  var pools: OrderedDictionary<Resources, Pool> = [:]
  /// Turns of the job that has had most of them for its share: where jobs that come begin.
  var latestTurns = 0
  var deadlines = Heap<WorkerDeadline>()
  var retries = Heap<Retry>()
  var releases = Heap<Release>()
  var nextSequence = 0

  public init(configuration: Configuration = Configuration()) {
    self.configuration = configuration
  }

  /// Takes in one event.
  /// - Parameters:
  ///   - event: What happened.
  ///   - now: When; never earlier than in the call before.
  /// - Returns: What to do about it, in order.
  public mutating func handle(_ event: Event, at now: Instant) -> [Command] {
    var commands: [Command] = []
    switch event {
    case .submitted(let job): submit(job, now, &commands)
    case .joined(let worker, let slots, let offer, let holding):
      join(worker, slots, offer, holding, now, &commands)
    case .heard(let worker): workers[worker]?.lastHeard = now
    case .committed(let commit, let worker): self.commit(commit, by: worker, now, &commands)
    case .failed(let lease, let worker): fail(lease, by: worker, now, &commands)
    case .handedBack(let leases, let worker): handBack(leases, by: worker, &commands)
    case .left(let worker): remove(worker, &commands)
    case .cancelled(let job): cancel(job, &commands)
    case .tick:
      expireSilentWorkers(now, &commands)
      requeueRetries(now)
      releaseCompanions(now)
    }
    assign(&commands)
    return commands
  }

  /// When the scheduler next wants a `tick`, if nothing else happens.
  public var nextDeadline: Instant? {
    [deadlines.min?.instant, retries.min?.instant, releases.min?.instant].compactMap { $0 }.min()
  }

  /// Jobs that have not ended, in the order of submission.
  public var runningJobs: [JobID] { jobs.keys.sorted() }

  /// The record of a task: nil if it was never dispatched or its job is not running.
  public func record(of task: TaskID) -> Job.Task? {
    guard let groups = jobs[task.job]?.groups, groups.indices.contains(task.group) else { return nil }
    let records = groups[task.group].records
    return records.indices.contains(task.index) ? records[task.index] : nil
  }

  /// What a worker is working on or has been sent ahead.
  public func leases(of worker: WorkerID) -> [Lease] { workers[worker]?.leases ?? [] }

  /// Changes the record of a task and has it persisted.
  mutating func update(_ task: TaskID, _ commands: inout [Command], _ change: (inout Job.Task) -> Void) {
    guard var record = record(of: task) else { return }
    change(&record)
    jobs[task.job]?.groups[task.group].setRecord(record, at: task.index)
    commands.append(.persistTask(task, record))
  }

  /// Puts a task whose lease has ended back into the queue.
  mutating func requeue(_ task: TaskID) {
    jobs[task.job]?.groups[task.group].putBack(task.index)
    makeReady(task.group, of: task.job)
  }
}
