import Dispatch
import Foundation
import Scheduling
import Store
import Synchronization

/// Stores what the segments of a task bring, and tells the coordinator's thread of each as soon as it is durable.
///
/// A disk is slow to confirm what it has: the task computes its next segment meanwhile. One segment is on its way at a time,
/// so that a task keeps no more than two in memory.
final class SegmentWriter: Sendable {
  private let lease: Lease
  private let desk: WorkerDesk
  private let queue = DispatchQueue(label: "segments")
  private let failure = Mutex<(any Error)?>(nil)

  init(_ lease: Lease, _ desk: WorkerDesk) {
    self.lease = lease
    self.desk = desk
  }

  /// Takes over a segment, after waiting for the one before; a last one is stored before this returns.
  /// - Throws: what storing a segment failed with, this one or the one before.
  func commit(_ segment: Segment, number: Int, isLast: Bool) throws {
    try settle()
    let commit = Commit(lease: lease, segment: number, isLast: isLast)
    guard !isLast else { return try store(segment, commit) }
    queue.async { [self] in
      do {
        try store(segment, commit)
      } catch {
        failure.withLock { $0 = error }
      }
    }
  }

  /// Waits until everything is stored.
  /// - Throws: what storing failed with.
  func settle() throws {
    queue.sync {}
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func store(_ segment: Segment, _ commit: Commit) throws {
    var report = CommitReport(commit: commit)
    report.outputs =
      segment.files.isEmpty
      ? nil
      : try segment.files.sorted { $0.key < $1.key }.map {
        Output(name: $0.key, digest: try put($0.value, of: commit.segment))
      }
    report.checkpoint = try segment.checkpoint.map { try put($0, of: commit.segment) }
    report.layout = try segment.zarr.map {
      ZarrReference(name: $0.name, digest: try put($0.layout, of: commit.segment))
    }
    report.extent = segment.extent.isEmpty ? nil : segment.extent
    try desk.commit(report)
  }

  /// Stores bytes of a segment; a full disk is waited for.
  /// - Throws: `TaskStopped` when the task is wanted no longer, `StoreError`.
  func put(_ bytes: [UInt8], of segment: Int) throws -> Digest {
    while true {
      do throws(StoreError) {
        return try desk.store(bytes)
      } catch {
        guard error.code == .full else { throw error }
        desk.note(TaskProgress(phase: "disk full", done: segment, total: segment, rate: 0), of: lease)
        desk.warn("\(error)")
        Thread.sleep(forTimeInterval: 2)
        try desk.checkWanted(lease)
      }
    }
  }
}
