import Dispatch
import Foundation
import Logging
import Scheduling
import Store
import Synchronization

/// Gives committed blobs their names, on a queue of its own, in the order of the commits.
///
/// Every step is idempotent. After a crash all commits of a job are published again, which changes nothing that is there.
/// While the disk is full the publisher waits: the commits are safe, and it goes on when there is space.
final class Publisher: Sendable {

  private let store: StoreFolder
  private let finished: Mailbox<JobID>
  private let logger: Logger
  private let queue = DispatchQueue(label: "publisher")
  private let waiting = Atomic(0)
  private let figuresWaiting = Atomic(0)
  private let bytes = Atomic(0)
  private let isStopping = Atomic(false)
  /// The jobs whose files are being named; used on the queue only.
  private let publications = Mutex<[String: JobPublication]>([:])

  init(store: StoreFolder, finished: Mailbox<JobID>, logger: Logger) {
    self.store = store
    self.finished = finished
    self.logger = logger
  }

  /// Commits that wait to be published.
  var backlog: Int { waiting.load(ordering: .relaxed) }

  /// Bytes of all files that have got their names.
  var publishedBytes: Int { bytes.load(ordering: .relaxed) }

  /// Publishes commits of a job together: readers see all of their draws at once.
  func publish(_ reports: [CommitReport], of job: String) {
    let reports = reports.filter { !$0.isEmpty }
    guard !reports.isEmpty else { return }
    enqueue { [self] () throws(StoreError) in try publishNow(reports, job) }
  }

  /// Completes a job's files after all its commits, and tells the coordinator.
  func finish(_ id: JobID, _ job: String) {
    enqueue { [self] () throws(StoreError) in
      let publication = publications.withLock { $0.removeValue(forKey: job) }
      try publication?.finish()
      finished.post(id)
    }
  }

  /// Removes the folder of a job that nobody knows any more.
  func discard(_ id: JobID) { queue.async { [store] in store.discardAside(id.rawValue) } }

  /// Keeps the figures of a running task; a disk that cannot take them does not matter to the job.
  func log(_ progress: TaskProgress, of task: String, _ job: String) {
    guard max(backlog, figuresWaiting.load(ordering: .relaxed)) < Coordinator.backlogMax else { return }
    figuresWaiting.add(1, ordering: .relaxed)
    queue.async { [self] in
      try? MetricsLog.append(progress, of: task, to: store.folder(of: job))
      figuresWaiting.subtract(1, ordering: .relaxed)
    }
  }

  /// Writes a file about a job that is no result.
  func write(_ text: String, as name: String, of job: String) {
    enqueue { [self] () throws(StoreError) in try store.folder(of: job).write(Array(text.utf8), as: name) }
  }

  /// Waits for what is queued; work that keeps failing is given up, and done again at the next start.
  func waitUntilIdle() {
    isStopping.store(true, ordering: .relaxed)
    queue.sync {}
  }

  private func enqueue(_ work: @escaping @Sendable () throws(StoreError) -> Void) {
    waiting.add(1, ordering: .relaxed)
    queue.async { [self] in
      defer { waiting.subtract(1, ordering: .relaxed) }
      while true {
        do throws(StoreError) {
          return try work()
        } catch {
          logger.error("cannot publish; trying again in a second", metadata: ["error": "\(error)"])
          if isStopping.load(ordering: .relaxed) { return }
          Thread.sleep(forTimeInterval: 1)
        }
      }
    }
  }

  private func publishNow(_ reports: [CommitReport], _ job: String) throws(StoreError) {
    var publication = publications.withLock { $0[job] } ?? JobPublication(of: job, in: store)
    defer { publications.withLock { $0[job] = publication } }
    let hopeless = try publication.publish(reports)
    for error in hopeless { logger.error("cannot publish a file", metadata: ["error": "\(error)"]) }
    for output in reports.lazy.flatMap({ $0.outputs ?? [] }) {
      bytes.add((try? store.blobs.size(of: output.digest)) ?? 0, ordering: .relaxed)
    }
  }
}
