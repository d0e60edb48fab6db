extension EnsembleSpecification {
  /// The files that the job reads.
  var inputs: [JobSpecification.Input] {
    var inputs = data.enumerated().flatMap { number, set in
      set.inputs.map { JobSpecification.Input(path: $0.path, field: "data[\(number)].\($0.setting)") }
    }
    for (number, ensemble) in ensembles.enumerated() {
      if case .laplace(let laplace) = ensemble.method, let path = laplace.weights {
        inputs.append(JobSpecification.Input(path: path, field: "ensembles[\(number)].method.weights"))
      }
    }
    return inputs
  }

  /// A task of an ensemble.
  public struct Part: Equatable, Sendable {
    /// Position of the ensemble.
    public var ensemble: Int
    /// Division of its data.
    public var split: Int
    /// Member of the ensemble on that division.
    public var member: Int
  }

  /// What a task of a group `member-…`, `trunk-…` or `evaluation-…` works on; nil for other groups.
  public func part(group: String, index: Int) -> Part? {
    let words = group.split(separator: "-", maxSplits: 1)
    guard words.count == 2, let position = ensembles.firstIndex(where: { $0.name == words[1] }) else { return nil }
    let members = words[0] == "member" ? ensembles[position].method.members : 1
    return Part(ensemble: position, split: index / members, member: index % members)
  }

  /// The tasks: trunks, members at once or after the evaluation of an ensemble that guides them, an evaluation of each ensemble,
  /// and the comparison of all.
  func plan(retries: Int, needs: Needs) -> Plan {
    var groups: [TaskGroup] = []
    func add(_ name: String, _ kind: String, _ count: Int, after: [String], priority: Int) {
      groups.append(
        TaskGroup(
          name: name, kind: kind, count: count, after: after, retries: retries, priority: priority, needs: needs))
    }
    for ensemble in ensembles {
      let splits = data(named: ensemble.data)?.splits ?? 1
      var before = ensemble.training.guides.map { "evaluation-\($0)" }
      if case .partial = ensemble.method {
        let trunk = "trunk-\(ensemble.name)"
        add(trunk, "trunk", splits, after: before, priority: 1)
        before.append(trunk)
      }
      let members = "member-\(ensemble.name)"
      add(members, "member", splits * ensemble.method.members, after: before, priority: 0)
      add("evaluation-\(ensemble.name)", "ensemble-evaluation", 1, after: [members], priority: 2)
    }
    add("comparison", "comparison", 1, after: ensembles.map { "evaluation-\($0.name)" }, priority: 3)
    return Plan(groups: groups)
  }
}
