/// A job as a graph of tasks, told group by group: its size does not depend on the number of tasks.
public struct Plan: Codable, Equatable, Sendable {
  /// Groups of equal tasks, each after the groups it depends on.
  public var groups: [TaskGroup]

  /// Creates a plan.
  public init(groups: [TaskGroup]) {
    self.groups = groups
  }

  /// Number of tasks in all groups.
  public var taskCount: Int { groups.reduce(0) { $0 + $1.count } }
}

/// Equal tasks, numbered from 0.
public struct TaskGroup: Codable, Equatable, Sendable {
  /// Name within the job.
  public var name: String
  /// Name of the workload that runs its tasks.
  public var kind: String
  /// Number of tasks.
  public var count: Int
  /// Groups all of whose tasks must be complete before a task of this one starts.
  public var after: [String]
  /// Groups of at least as many tasks: a task of this one starts when that of the same number, and all before it, are
  /// complete in each of them. So a pipeline is a group for each of its steps.
  public var afterEach: [String]
  /// The group whose tasks those of this one accompany: they start one after the other while that works, get what its tasks
  /// have committed so far, and none starts after its end.
  public var beside: Companionship?
  /// Tasks a worker may hold besides the one it runs.
  public var leaseAhead: Int
  /// Failures each task may have.
  public var retries: Int
  /// Tasks of higher priority are dispatched before others of the job, which also make way for them at their commits.
  public var priority: Int
  /// What each task needs of its worker.
  public var needs: Needs

  /// Creates a group.
  public init(
    name: String, kind: String, count: Int, after: [String] = [], afterEach: [String] = [],
    beside: Companionship? = nil, leaseAhead: Int = 0, retries: Int, priority: Int = 0, needs: Needs = Needs()
  ) {
    self.name = name
    self.kind = kind
    self.count = count
    self.after = after
    self.afterEach = afterEach
    self.beside = beside
    self.leaseAhead = leaseAhead
    self.retries = retries
    self.priority = priority
    self.needs = needs
  }
}

extension TaskGroup {
  /// Which group is accompanied, and how often.
  public struct Companionship: Codable, Equatable, Sendable {
    /// Name of the group.
    public var group: String
    /// When the next task may start.
    public var pace: Pace

    /// Creates a companionship.
    public init(group: String, pace: Pace) {
      self.group = group
      self.pace = pace
    }

    /// When tasks start beside those of another group.
    public enum Pace: Codable, Equatable, Sendable {
      /// Each time the first task of the other group has committed so many further segments.
      case segments(Int)
      /// So often.
      case seconds(Double)
    }
  }

  // Plans that are stored already know neither pipelines nor companions.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    kind = try container.decode(String.self, forKey: .kind)
    count = try container.decode(Int.self, forKey: .count)
    after = try container.decode([String].self, forKey: .after)
    afterEach = try container.decodeIfPresent([String].self, forKey: .afterEach) ?? []
    beside = try container.decodeIfPresent(Companionship.self, forKey: .beside)
    leaseAhead = try container.decode(Int.self, forKey: .leaseAhead)
    retries = try container.decode(Int.self, forKey: .retries)
    priority = try container.decode(Int.self, forKey: .priority)
    needs = try container.decode(Needs.self, forKey: .needs)
  }
}

extension JobSpecification {
  /// The tasks of the job.
  public func plan() -> Plan {
    switch work {
    case .chains(let chains):
      Plan(groups: [
        TaskGroup(name: "chain", kind: "chain", count: chains.chains, retries: retries, needs: needs),
        TaskGroup(
          name: "evaluation", kind: "evaluation", count: 1, after: ["chain"], retries: retries, priority: 1,
          needs: needs),
      ])
    case .cascade(let cascade): cascade.plan(retries: retries, needs: needs)
    case .ensemble(let ensemble): ensemble.plan(retries: retries, needs: needs)
    case .acquisition(let acquisition): acquisition.plan(retries: retries, needs: needs)
    case .probe(let probe):
      Plan(groups: [
        TaskGroup(
          name: "probe", kind: "probe", count: probe.tasks, leaseAhead: probe.leaseAhead, retries: retries,
          needs: needs)
      ])
    }
  }
}
