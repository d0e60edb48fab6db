import OrderedCollections

/// A job as the scheduler sees it: groups of tasks, and which groups wait for which.
public struct Job: Equatable, Sendable {
  public let id: JobID
  /// What the job may use in proportion to other jobs, from 1.
  public let share: Int
  public let groups: [Group]
  /// The different needs of the groups' tasks, in the order of the groups.
  let needs: OrderedSet<Resources>

  /// A job. A group may wait only for groups that come before it.
  public init(id: JobID, share: Int = 1, groups: [Group]) {
    precondition(
      zip(groups, 0...).allSatisfy { group, position in
        (group.after + group.afterEach + [group.beside?.group].compactMap { $0 }).allSatisfy((0..<position).contains)
      },
      "a group of job \(id) waits for one that does not come before it")
    self.id = id
    self.share = max(1, share)
    self.groups = groups
    needs = OrderedSet(groups.map(\.needs))
  }

  /// Tasks of one kind. A group is described once, however many tasks it has, so a queued task costs no memory.
  public struct Group: Equatable, Sendable {
    /// Number of tasks.
    public let count: Int
    /// Groups, by their position in the job, all of whose tasks must be complete before a task of this one starts.
    public let after: [Int]
    /// Groups, by their position in the job, whose task of the same number, and all before it, must be complete before a
    /// task of this one starts.
    public let afterEach: [Int]
    /// The group whose tasks those of this one accompany, if any.
    public let beside: Companionship?
    /// Tasks a worker may hold beyond its slots, so that short ones need not wait for a round trip each.
    public let leaseAhead: Int
    /// Failures of a task that are tried again.
    public let retries: Int
    /// Groups of higher priority are dispatched before others of the same job.
    public let priority: Int
    /// What each task needs of its worker.
    public let needs: Resources

    public init(
      count: Int, after: [Int] = [], afterEach: [Int] = [], beside: Companionship? = nil, leaseAhead: Int = 0,
      retries: Int = 3, priority: Int = 0, needs: Resources = Resources()
    ) {
      self.count = count
      self.after = after
      self.afterEach = afterEach
      self.beside = beside
      self.leaseAhead = leaseAhead
      self.retries = retries
      self.priority = priority
      self.needs = needs
    }

    /// What a lease of one of the tasks counts for, in millionths of a core: a worker that is sent as many ahead as it may
    /// be counts as one slot.
    var usage: Int { max(1, needs.cores) * 1_000_000 / (1 + max(0, leaseAhead)) }
  }

  /// The tasks of a group start one after the other while another group works; those that have not started when it has
  /// ended are dropped, and nothing is wrong with that.
  public struct Companionship: Equatable, Sendable {
    /// The other group, by its position in the job.
    public let group: Int
    /// When the next task may start.
    public let pace: Pace

    public init(group: Int, pace: Pace) {
      self.group = group
      self.pace = pace
    }

    /// When tasks start beside those of another group.
    public enum Pace: Equatable, Sendable {
      /// Each time the first task of the other group has committed so many further segments.
      case segments(Int)
      /// So often, if there is a commit of the other group and the task before has ended.
      case seconds(Double)
    }
  }

  /// What is remembered of a task once it has been dispatched; a task without a record is queued and untouched.
  public struct Task: Equatable, Sendable {
    /// Grows at every dispatch, and when a worker fails at the task or gives it back; whatever comes from an older epoch
    /// is discarded.
    public var epoch = 0
    /// Segments committed so far; the next commit must be for this one.
    public var segments = 0
    /// Failures that counted against the budget.
    public var failures = 0
    /// Workers lost since the last commit, those not counted that came back with the task.
    public var losses = 0
    public var state = State.queued

    public init() {}
  }

  /// How a job ended.
  public enum Outcome: String, Codable, Sendable {
    case completed, failed, cancelled
  }
}

extension Job.Task {
  /// Where a task is between its dispatch and its end.
  public enum State: Equatable, Sendable {
    /// Waiting for a worker.
    case queued
    /// Waiting for its turn after a failure.
    case backingOff(until: Instant)
    /// On a worker.
    case leased(WorkerID)
    /// Its last segment is committed.
    case completed
    /// Its budget is spent.
    case failed
  }

  /// Whether nothing more can happen to the task.
  public var hasEnded: Bool {
    switch state {
    case .completed, .failed: true
    case .queued, .backingOff, .leased: false
    }
  }
}

/// The right to work on a task: valid until a later epoch of the task is dispatched. Written `job.group.index@epoch`.
public struct Lease: Hashable, Sendable {
  public let task: TaskID
  /// The fencing token: the task's epoch at its dispatch.
  public let epoch: Int

  public init(task: TaskID, epoch: Int) {
    self.task = task
    self.epoch = epoch
  }
}

// As text, because tasks go through the coordinator by the ten thousand, and a text is coded much faster than an object.
extension Lease: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let parts = text.split(separator: "@", maxSplits: 1)
    guard parts.count == 2, let task = TaskID(String(parts[0])), let epoch = Int(parts[1]) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not job.group.index@epoch")
    }
    self.init(task: task, epoch: epoch)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode("\(task)@\(epoch)")
  }
}

/// The claim that a segment of a task is done, its results being stored already.
public struct Commit: Hashable, Codable, Sendable {
  public let lease: Lease
  /// Which segment, from 0, without gaps.
  public let segment: Int
  /// Whether the task is complete with it.
  public let isLast: Bool

  public init(lease: Lease, segment: Int, isLast: Bool) {
    self.lease = lease
    self.segment = segment
    self.isLast = isLast
  }
}
