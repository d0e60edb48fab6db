import Dispatch
import Foundation
import Logging
import Messaging
import Scheduling
import Store
import Synchronization

/// What the computing threads of a worker and the thread that talks to the coordinator hand to each other.
final class WorkerDesk: Sendable {
  /// What a computing thread has for the coordinator.
  enum Post: Sendable {
    case produced(CommitReport)
    /// Names the segment that the task has paused in, and the checkpoint to go on from.
    case paused(CommitReport)
    case failed(Lease, message: String)
    case wanted(BlobRequest)
  }

  private struct State {
    var blobs: BlobStore?
    var isCache = false
    /// Why the store takes nothing at present.
    var shortage: String?
    var stopped: Set<Lease> = []
    var finishing: Set<Lease> = []
    var progress: [Lease: TaskProgress] = [:]
    var work: [(Assignment, JobDescription)] = []
  }

  /// Commits a worker makes ahead of their acknowledgement; then its computing threads wait (G9).
  static let unacknowledgedMax = 64

  let posts: Mailbox<Post>
  private let state = Mutex(State())
  /// How many commits under way name a blob of the cache; locked while one is written, so that none is removed meanwhile.
  private let cachedUses = Mutex<[Digest: Int]>([:])
  private let workAvailable = DispatchSemaphore(value: 0)
  private let roomForCommits = DispatchSemaphore(value: 0)
  private let logger: Logger

  init(wakeUp: WakeUp, logger: Logger) {
    posts = Mailbox(wakeUp: wakeUp)
    self.logger = logger
    for _ in 0..<Self.unacknowledgedMax { roomForCommits.signal() }
  }

  /// Where blobs are kept: the store itself where it is a shared folder, else this worker's cache.
  var blobs: BlobStore? { state.withLock { $0.blobs } }

  /// - Parameter isCache: Whether blobs are to be removed again once their commits are settled.
  func use(_ blobs: BlobStore, isCache: Bool) {
    state.withLock { state in
      state.blobs = blobs
      state.isCache = isCache
    }
  }

  /// Hands a task to the computing threads.
  func start(_ assignment: Assignment, of job: JobDescription) {
    state.withLock { $0.work.append((assignment, job)) }
    workAvailable.signal()
  }

  /// Waits for a task.
  func nextTask() -> (Assignment, JobDescription) {
    while true {
      workAvailable.wait()
      if let next = state.withLock({ $0.work.isEmpty ? nil : $0.work.removeFirst() }) { return next }
    }
  }

  /// Makes a task stop as soon as it notices; its results are not wanted.
  func stop(_ lease: Lease) { state.withLock { _ = $0.stopped.insert(lease) } }

  /// Makes a task pause at its next step, or stop after its next commit.
  func finish(_ lease: Lease) { state.withLock { _ = $0.finishing.insert(lease) } }

  func isFinishing(_ lease: Lease) -> Bool { state.withLock { $0.finishing.contains(lease) } }

  func checkWanted(_ lease: Lease) throws(TaskStopped) {
    if state.withLock({ $0.stopped.contains(lease) }) { throw TaskStopped() }
  }

  /// Forgets what was noted of a task that has ended here.
  func ended(_ lease: Lease) {
    state.withLock { state in
      state.stopped.remove(lease)
      state.finishing.remove(lease)
      state.progress[lease] = nil
    }
  }

  func note(_ progress: TaskProgress, of lease: Lease) {
    var progress = progress
    progress.lease = lease
    state.withLock { $0.progress[lease] = progress }
  }

  /// How far the running tasks are, in the order of the tasks.
  var progress: [TaskProgress] {
    state.withLock { $0.progress.sorted { $0.key.task < $1.key.task }.map(\.value) }
  }

  func warn(_ message: String) { logger.warning("\(message)") }

  /// Posts a commit, after waiting for room.
  func commit(_ report: CommitReport) throws(TaskStopped) {
    while roomForCommits.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
      try checkWanted(report.commit.lease)
    }
    posts.post(.produced(report))
  }

  /// Makes room: a commit is acknowledged, or not wanted.
  func settled(_ report: CommitReport) {
    roomForCommits.signal()
    let (blobs, isCache) = state.withLock { ($0.blobs, $0.isCache) }
    guard isCache, let blobs else { return }
    cachedUses.withLock { uses in
      for digest in report.digests {
        uses[digest, default: 1] -= 1
        guard uses[digest] == 0 else { continue }
        uses[digest] = nil
        blobs.remove(digest)
      }
    }
  }

  func note(shortage: String?) { state.withLock { $0.shortage = shortage } }

  /// - Throws: `StoreError`, `.full` also while the coordinator says that the store takes nothing.
  func store(_ bytes: [UInt8]) throws(StoreError) -> Digest {
    let blobs = try knownBlobs()
    let (isCache, shortage) = state.withLock { ($0.isCache, $0.shortage) }
    guard isCache else {
      if let shortage { throw StoreError(.full, shortage) }
      return try blobs.put(bytes)
    }
    return try cachedUses.withLock { uses throws(StoreError) in
      let digest = try blobs.put(bytes)
      uses[digest, default: 0] += 1
      return digest
    }
  }

  private func knownBlobs() throws(StoreError) -> BlobStore {
    guard let blobs else { throw StoreError(.missing, "This worker has not been told where the store is.") }
    return blobs
  }

  /// Reads a blob, from the coordinator if it is not here.
  func read(_ digest: Digest) throws -> [UInt8] {
    let blobs = try knownBlobs()
    if !blobs.contains(digest) {
      let request = BlobRequest(digest)
      posts.post(.wanted(request))
      try request.wait()
    }
    return try blobs.read(digest)
  }
}

/// A computing thread's wish for a blob that this host does not have.
final class BlobRequest: Sendable {
  let digest: Digest
  private let done = DispatchSemaphore(value: 0)
  private let failure = Mutex<WorkloadError?>(nil)

  init(_ digest: Digest) { self.digest = digest }

  func fulfil() { done.signal() }

  func refuse(_ message: String) {
    failure.withLock { $0 = WorkloadError(message) }
    done.signal()
  }

  func wait() throws {
    done.wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
