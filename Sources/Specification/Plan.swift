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
  /// Tasks a worker may hold besides the one it runs.
  public var leaseAhead: Int
  /// Failures each task may have.
  public var retries: Int
  /// Tasks of higher priority are dispatched before others of the job.
  public var priority: Int
  /// What each task needs of its worker.
  public var needs: Needs

  /// Creates a group.
  public init(
    name: String, kind: String, count: Int, after: [String] = [], leaseAhead: Int = 0, retries: Int, priority: Int = 0,
    needs: Needs = Needs()
  ) {
    self.name = name
    self.kind = kind
    self.count = count
    self.after = after
    self.leaseAhead = leaseAhead
    self.retries = retries
    self.priority = priority
    self.needs = needs
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
    case .probe(let probe):
      Plan(groups: [
        TaskGroup(
          name: "probe", kind: "probe", count: probe.tasks, leaseAhead: probe.leaseAhead, retries: retries,
          needs: needs)
      ])
    }
  }
}
