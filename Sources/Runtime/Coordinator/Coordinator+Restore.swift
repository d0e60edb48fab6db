import Scheduling
import Store

extension Coordinator {
  /// Takes up every job that has not ended, and has published again whatever may not have been.
  func restore() throws(StoreError) {
    let now = MonotonicClock.now
    let stored = try catalogue.jobs()
    for number in store.aside {
      // A coordinator crashed before the job was forgotten: then it is not removed.
      if let job = stored.first(where: { $0.id.rawValue == number }) {
        try store.putBack(number, as: job.name)
      } else {
        publisher.discard(JobID(rawValue: number))
      }
    }
    for job in stored {
      jobIDs[job.name] = job.id
      if job.outcome == nil {
        jobs[job.id] = job
        let records = try catalogue.records(of: job.id)
        pauses.merge(try catalogue.pauses(of: job.id)) { $1 }
        turn.add(scheduler.restore(job.schedulerJob, records: records, at: now))
      }
      guard !job.isPublished else { continue }
      let folder = store.folder(of: job.name)
      if !folder.contains("job.yaml") { try folder.write(Array(job.yaml.utf8), as: "job.yaml") }
      store.folder(of: job.name).removeLeftovers()
      publisher.publish(try catalogue.reports(of: job.id), of: job.name)
      if job.outcome != nil { publisher.finish(job.id, job.name) }
    }
  }
}
