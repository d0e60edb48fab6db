import Scheduling
import Store

extension StoreCheck {
  /// Takes tasks back whose commits name blobs that are lost.
  /// - Returns: Whether there were any.
  func resetTasks(of job: Catalogue.StoredJob, _ reports: [CommitReport]) throws(StoreError) -> Bool {
    let records = Dictionary(uniqueKeysWithValues: try catalogue.records(of: job.id).map { ($0.0, $0.1) })
    let pauses = try catalogue.pauses(of: job.id)
    let byTask = Dictionary(grouping: reports, by: \.commit.lease.task)
    var (didReset, remade): (Bool, Set<Output>) = (false, [])
    for (task, record) in records.sorted(by: { $0.key < $1.key }) {
      var commits = byTask[task] ?? []
      let needsCheckpoint = job.outcome == nil && !record.hasEnded
      if let segments = firstToRepeat(commits, record.segments, needsCheckpoint, remade) {
        didReset = true
        remade.formUnion(commits.dropFirst(segments).flatMap(\.results))
        try reset(task, of: job, to: segments, commits)
        commits = Array(commits.prefix(segments))
      } else if let pause = pauses[task], pause.segment == record.segments, !isWhole(pause.checkpoint) {
        note("\(name(of: task, job)): where it stopped inside segment \(pause.segment) is lost", remedy: "repeats it")
        told.insert(pause.checkpoint)
        if isRepairing { try catalogue.forgetPause(of: task) }
      }
      if isRepairing { try leaveToOthers(commits) }
    }
    return didReset
  }

  /// Lost files that another task will bring again are no longer those of this one's commits.
  private func leaveToOthers(_ commits: [CommitReport]) throws(StoreError) {
    for report in commits where !report.results.allSatisfy({ isWhole($0.digest) }) {
      var report = report
      report.outputs?.removeAll { !isWhole($0.digest) }
      if let layout = report.layout, !isWhole(layout.digest) { report.layout = nil }
      try catalogue.replace(report)
    }
  }

  /// The segment a task must go back to; nil if it need not. To start there it needs the checkpoint before it.
  /// - Parameter remade: What other tasks will bring again: the first of several that brought the same file is enough.
  private func firstToRepeat(
    _ commits: [CommitReport], _ segments: Int, _ needsCheckpoint: Bool, _ remade: Set<Output>
  ) -> Int? {
    let isLost: (Output) -> Bool = { !self.isWhole($0.digest) && !remade.contains($0) }
    var first = commits.first { $0.results.contains(where: isLost) }?.commit.segment
    // A commit that the catalogue has lost: all after it are without a base.
    if first == nil, commits.count != segments {
      first = zip(commits, 0...).first { $0.commit.segment != $1 }?.1 ?? commits.count
    }
    if first == nil, needsCheckpoint, let last = commits.last?.checkpoint, !isWhole(last) { first = segments }
    guard var first else { return nil }
    while first > 0, !(commits[first - 1].checkpoint.map(isWhole) ?? false) { first -= 1 }
    return first
  }

  private func reset(
    _ task: TaskID, of job: Catalogue.StoredJob, to segments: Int, _ commits: [CommitReport]
  ) throws(StoreError) {
    let repeated = commits.dropFirst(segments)
    let willRun = job.outcome == nil || job.outcome == .completed
    note(
      "\(name(of: task, job)): of its \(commits.count) segments, some from \(segments) on are lost",
      remedy: willRun
        ? "goes back to segment \(segments); a coordinator computes the rest again, with the same bytes"
        : "forgotten from segment \(segments) on, since the job was \(job.outcome?.rawValue ?? "ended")")
    told.formUnion(repeated.flatMap(\.digests))
    guard isRepairing else { return }
    for output in repeated.flatMap({ $0.outputs ?? [] }) { remove(output.name, of: job) }
    try catalogue.reset(task, to: segments)
  }

  private func name(of task: TaskID, _ job: Catalogue.StoredJob) -> String {
    let group = job.plan.groups.indices.contains(task.group) ? job.plan.groups[task.group].name : "\(task.group)"
    return "\(job.name) \(group) \(task.index)"
  }
}

extension CommitReport {
  /// What of a commit outlives its task.
  fileprivate var results: [Output] {
    (outputs ?? []) + [layout.map { Output(name: $0.name, digest: $0.digest) }].compactMap { $0 }
  }
}
