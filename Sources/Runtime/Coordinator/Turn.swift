import Messaging
import OrderedCollections
import Scheduling
import Specification
import Store

/// What one worker is to be told at the end of a turn: one message of each type, however many tasks.
struct WorkerNews {
  var acknowledged: [Commit] = []
  var revoked: [Lease] = []
  var assignments: [Assignment] = []
}

extension Coordinator {
  /// Does what a turn has decided, after its changes are durable.
  /// - Throws: `StoreError` when the catalogue cannot be read: a task that was leased must be sent.
  func carryOut(_ turn: Turn<Catalogue.Change>) throws(StoreError) {
    for (id, reports) in turn.publications {
      if let job = jobs[id] { publisher.publish(reports, of: job.name) }
    }
    for case .removed(let id) in turn.changes {
      publisher.discard(id)
      space.isSearchWanted = true
    }
    var news: OrderedDictionary<WorkerID, WorkerNews> = [:]
    for effect in turn.effects {
      switch effect {
      case .dispatch(let lease, let segments, let worker):
        if let assignment = try assignment(lease, segments) {
          news[worker, default: WorkerNews()].assignments.append(assignment)
        }
      case .acknowledge(let commit, let worker): news[worker, default: WorkerNews()].acknowledged.append(commit)
      case .revoke(let lease, let worker): news[worker, default: WorkerNews()].revoked.append(lease)
      case .disconnect(let worker): disconnect(worker)
      case .persistOutcome(let job, let outcome): if let outcome { end(job, outcome) }
      case .persistTask(let task, _): try quarantine(task)
      case .persistCommit, .persistLoss, .publish: break
      }
    }
    for (worker, news) in news { tell(worker, news) }
  }

  private func tell(_ worker: WorkerID, _ news: WorkerNews) {
    // A worker that is gone is told nothing; its leases end with its connection.
    guard let routingID = peers.routingID(of: worker) else { return }
    if !news.acknowledged.isEmpty { send(Acknowledge(commits: news.acknowledged), to: routingID) }
    if !news.revoked.isEmpty { send(Revoke(leases: news.revoked), to: routingID) }
    guard !news.assignments.isEmpty, let known = peers[routingID]?.knownJobs else { return }
    let unknown = OrderedSet(news.assignments.map(\.lease.task.job)).filter { !known.contains($0) }
    let descriptions = unknown.compactMap { jobs[$0]?.description }
    peers.update(routingID) { $0.knownJobs.formUnion(unknown) }
    send(Dispatch(jobs: descriptions, assignments: news.assignments), to: routingID)
  }

  /// What a worker needs to go on with a task; nil when its job has ended meanwhile.
  private func assignment(_ lease: Lease, _ segments: Int) throws(StoreError) -> Assignment? {
    guard let job = jobs[lease.task.job] else { return nil }
    return Assignment(
      lease: lease, segments: segments, checkpoint: try checkpoint(of: lease.task, segments),
      artifacts: try artifacts(for: lease.task, of: job))
  }

  private func checkpoint(of task: TaskID, _ segments: Int) throws(StoreError) -> Digest? {
    if let pause = pauses[task], pause.segment == segments { return pause.checkpoint }
    return segments == 0 ? nil : try catalogue.lastReport(of: task)?.checkpoint
  }

  private func artifacts(for task: TaskID, of job: Catalogue.StoredJob) throws(StoreError) -> [TaskArtifact]? {
    // Asked for every dispatch, and most tasks wait for none.
    guard job.plan.groups[task.group].usesOthers else { return nil }
    let group = job.schedulerJob.groups[task.group]
    var reports: [CommitReport] = []
    for other in group.after { reports += try catalogue.reports(of: job.id, group: other) }
    if let other = group.beside?.group {
      reports += try catalogue.reports(of: job.id, group: other)
      try keepForNow(reports.flatMap { $0.outputs ?? [] }.map(\.digest))
    }
    for other in group.afterEach { reports += try catalogue.reports(of: job.id, group: other, index: task.index) }
    return reports.flatMap { report in
      (report.outputs ?? []).map {
        TaskArtifact(task: report.commit.lease.task.index, name: $0.name, digest: $0.digest)
      }
    }
  }

  private func disconnect(_ worker: WorkerID) {
    logger.warning("worker is silent; its tasks go to others", metadata: ["worker": "\(worker)"])
    figures?.departed("silent")
    if let routingID = peers.routingID(of: worker) { drop(routingID) }
  }

  private func end(_ id: JobID, _ outcome: Job.Outcome) {
    guard let job = jobs.removeValue(forKey: id) else { return }
    progress = progress.filter { $0.key.task.job != id }
    pauses = pauses.filter { $0.key.job != id }
    logger.info("job ended", metadata: ["job": "\(job.name)", "outcome": "\(outcome.rawValue)"])
    publisher.finish(id, job.name)
  }

  /// All files of an ended job have their names now.
  func finish(_ job: JobID) { turn.add(.finished(job)) }
}

extension Catalogue.StoredJob {
  /// The job as the scheduler sees it.
  var schedulerJob: Job {
    let names = plan.groups.map(\.name)
    return Job(
      id: id, share: share,
      groups: plan.groups.map { group in
        Job.Group(
          count: group.count, after: group.after.compactMap(names.firstIndex),
          afterEach: group.afterEach.compactMap(names.firstIndex), beside: Self.companionship(of: group, names),
          leaseAhead: group.leaseAhead, retries: group.retries, priority: group.priority, needs: Resources(group.needs))
      })
  }

  private static func companionship(of group: TaskGroup, _ names: [String]) -> Job.Companionship? {
    guard let beside = group.beside, let other = names.firstIndex(of: beside.group) else { return nil }
    return switch beside.pace {
    case .segments(let segments): Job.Companionship(group: other, pace: .segments(segments))
    case .seconds(let seconds): Job.Companionship(group: other, pace: .seconds(seconds))
    }
  }

  /// The job as a worker sees it.
  var description: JobDescription {
    JobDescription(
      id: id, name: name, yaml: yaml, inputs: inputs, kinds: plan.groups.map(\.kind),
      cores: plan.groups.map(\.needs.cores))
  }
}

extension TaskGroup {
  /// Whether its tasks are given what others have committed.
  fileprivate var usesOthers: Bool { !after.isEmpty || !afterEach.isEmpty || beside != nil }
}
