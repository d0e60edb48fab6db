import Scheduling
import Store

extension Coordinator {
  /// Takes up a failed job again.
  func retry(_ name: String, _ routingID: Peers.RoutingID) throws(StoreError) {
    var job = try job(named: name)
    guard job.outcome == .failed else {
      let state = job.outcome?.rawValue ?? "running"
      return send(
        Refused(code: "state", message: "Job \(name) is \(state); only failed jobs are tried again."), to: routingID)
    }
    guard job.isPublished else {
      return send(Refused(code: "state", message: "Job \(name) has not ended. Try again in a moment."), to: routingID)
    }
    let records = try catalogue.records(of: job.id)
    let failed = records.filter { $0.1.state == .failed }
    for (task, record) in failed where record.segments > 0 {
      // The stores of earlier versions kept no checkpoints of failed jobs.
      guard let checkpoint = try catalogue.lastReport(of: task)?.checkpoint, !store.blobs.contains(checkpoint) else {
        continue
      }
      let advice = "submit the job again, with another --name"
      throw StoreError(
        .missing, "What \(name)'s task \(task) would go on from is not in the store any more; \(advice).")
    }
    job.outcome = nil
    job.isPublished = false
    jobs[job.id] = job
    publisher.publish(try catalogue.reports(of: job.id), of: name)
    logger.info("job tried again", metadata: ["job": "\(name)", "tasks": "\(failed.count)"])
    turn.add(scheduler.retry(job.schedulerJob, records: records, at: MonotonicClock.now))
    answers.append((Retried(name: name, tasks: failed.count), to: routingID))
  }
}
