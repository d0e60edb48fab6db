import Scheduling
import Specification
import Store

extension Coordinator {
  /// Tasks of a group in an answer to a client.
  private static let tasksShown = 64

  func summary(of job: Catalogue.StoredJob) -> JobSummary { summary(of: job, counts(of: job)) }

  private func summary(of job: Catalogue.StoredJob, _ counts: [Scheduler.Counts]) -> JobSummary {
    JobSummary(
      name: job.name, state: state(of: job), share: job.share,
      completed: counts.reduce(0) { $0 + $1.completed }, running: counts.reduce(0) { $0 + $1.running },
      total: counts.reduce(0) { $0 + $1.total })
  }

  /// A job counts as running until its files have their names.
  private func state(of job: Catalogue.StoredJob) -> String {
    job.isPublished ? job.outcome?.rawValue ?? "running" : "running"
  }

  private func counts(of job: Catalogue.StoredJob) -> [Scheduler.Counts] {
    if let counts = scheduler.counts(of: job.id) { return counts }
    return (try? catalogue.counts(of: job)) ?? []
  }

  func status(of job: Catalogue.StoredJob) throws(StoreError) -> JobStatus {
    let counts = counts(of: job)
    let groups = zip(job.plan.groups, counts).map { group, counts in
      GroupStatus(name: group.name, completed: counts.completed, total: counts.total)
    }
    let failures = try catalogue.failures(of: job.id)
    let notable = scheduler.notableTasks(of: job.id, limit: Self.tasksShown)
    let tasks = notable.isEmpty ? try catalogue.failedTasks(of: job.id, limit: Self.tasksShown) : notable
    let shown = tasks.map { id, record in taskStatus(id, record, job, failures[id]) }
    return JobStatus(
      summary: summary(of: job, counts), groups: groups, tasks: shown, waitsFor: waitsFor(job.id),
      folder: store.folder(of: job.name).path)
  }

  private func waitsFor(_ job: JobID) -> String? {
    let unmet = scheduler.unmetNeeds(of: job)
    return unmet.isEmpty ? nil : "a worker with " + unmet.map(\.text).joined(separator: ", and one with ")
  }

  private func taskStatus(
    _ id: TaskID, _ record: Job.Task, _ job: Catalogue.StoredJob, _ failure: String?
  ) -> TaskStatus {
    let worker: String? = if case .leased(let worker) = record.state { worker.rawValue } else { nil }
    return TaskStatus(
      group: job.plan.groups[id.group].name, index: id.index, state: record.state.name, worker: worker,
      segments: record.segments, failure: failure, progress: progress[Lease(task: id, epoch: record.epoch)])
  }

  func summary(of peer: Peers.Peer) -> WorkerSummary {
    let leases = peer.worker.map(scheduler.leases) ?? []
    let tasks = leases.map { lease in
      guard let job = jobs[lease.task.job] else { return "\(lease.task)" }
      return "\(job.name)/\(job.plan.groups[lease.task.group].name)/\(lease.task.index)"
    }
    return WorkerSummary(
      name: peer.worker?.rawValue ?? "", host: peer.host, slots: peer.slots, offer: peer.offer, tasks: tasks,
      isDraining: peer.isDraining)
  }
}
