extension Scheduler {
  /// How many tasks of a group are where.
  public struct Counts: Equatable, Sendable {
    public var completed = 0
    public var failed = 0
    public var running = 0
    public var total = 0

    public init(completed: Int = 0, failed: Int = 0, total: Int = 0) {
      self.completed = completed
      self.failed = failed
      self.total = total
    }
  }

  /// Counts the tasks of each group of a running job; O(tasks from the first open one to the last that has started).
  /// - Returns: nil if the job is not running.
  public func counts(of job: JobID) -> [Counts]? {
    guard let progress = jobs[job] else { return nil }
    return zip(progress.job.groups, progress.groups).map { description, group in
      // How many tasks will accompany another group is not known before that has ended.
      let total = description.beside == nil ? group.count : group.records.count
      var counts = Counts(completed: group.completed, total: total)
      for record in group.records[group.firstOpen...] {
        switch record.state {
        case .leased: counts.running += 1
        case .failed: counts.failed += 1
        case .queued, .backingOff, .completed: break
        }
      }
      return counts
    }
  }

  /// The tasks of a running job that people may want to see.
  ///
  /// - Parameter limit: A group of at most so many tasks is shown whole. Of a larger one it is the tasks that have been
  ///   dispatched and are not complete, at most so many.
  public func notableTasks(of job: JobID, limit: Int) -> [(TaskID, Job.Task)] {
    guard let progress = jobs[job] else { return [] }
    return progress.groups.enumerated().flatMap { position, group in
      let started = group.records.indices
      let shown =
        group.count <= limit && progress.job.groups[position].beside == nil
        ? Array(0..<group.count)
        : Array(started[group.firstOpen...].lazy.filter { group.records[$0].state != .completed }.prefix(limit))
      return shown.map { index in
        (TaskID(job: job, group: position, index: index), started.contains(index) ? group.records[index] : Job.Task())
      }
    }
  }
}
