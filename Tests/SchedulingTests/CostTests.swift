import Scheduling
import Testing

@Suite struct CostTests {
  /// A queued task costs no memory: no record exists before its dispatch.
  @Test func queuedTasksHaveNoRecords() {
    let count = 100_000
    var scheduler = Scheduler()
    let job = JobID(rawValue: 1)
    let submitted = scheduler.handle(
      .submitted(Job(id: job, groups: [Job.Group(count: count)])), at: Instant(seconds: 0))
    #expect(submitted.isEmpty)
    let dispatched = scheduler.handle(
      .joined(WorkerID(rawValue: "a"), slots: 3, holding: []), at: Instant(seconds: 0))
    #expect(dispatched.count == 6)
    let records = (0..<count).count { scheduler.record(of: TaskID(job: job, group: 0, index: $0)) != nil }
    #expect(records == 3)
  }

  /// An event leads to work for the tasks it concerns alone: with 20 times the tasks behind it, and 20 times the workers,
  /// the same events cost about the same.
  @Test func eventsCostTheSameInALargeCluster() {
    let (small, large) = (secondsPerCommit(tasks: 20_000, workers: 50), secondsPerCommit(tasks: 400_000, workers: 1000))
    // The logarithm grows by 1.5; a linear cost would grow by 20. Caches are smaller than either, hence the wide margin.
    #expect(large < 6 * small, "\(small * 1e6) µs and \(large * 1e6) µs")
  }

  /// Commits 20,000 tasks of a job, and gives the time for each, the best of three.
  private func secondsPerCommit(tasks: Int, workers: Int) -> Double {
    let clock = ContinuousClock()
    return (0..<3).map { _ in
      var scheduler = Scheduler()
      let job = Job(id: JobID(rawValue: 1), groups: [Job.Group(count: tasks, leaseAhead: 8)])
      _ = scheduler.handle(.submitted(job), at: Instant(seconds: 0))
      var dispatched: [(Lease, WorkerID)] = []
      for worker in 0..<workers {
        let joined = Event.joined(WorkerID(rawValue: "w\(worker)"), slots: 1, holding: [])
        dispatched += scheduler.handle(joined, at: Instant(seconds: 0)).compactMap(\.dispatched)
      }
      let time = clock.measure {
        for position in 0..<20_000 {
          guard position < dispatched.count else { return }
          let (lease, worker) = dispatched[position]
          let commit = Commit(lease: lease, segment: 0, isLast: true)
          dispatched += scheduler.handle(.committed(commit, by: worker), at: Instant(seconds: 1)).compactMap(
            \.dispatched)
        }
      }
      return time / .seconds(20_000)
    }.min() ?? 0
  }
}

extension Command {
  fileprivate var dispatched: (Lease, WorkerID)? {
    if case .dispatch(let lease, _, let worker) = self { (lease, worker) } else { nil }
  }
}
