import Foundation
import Store

/// The files of one job, as its commits make them: names of blobs, and a Zarr store that shows its draws.
///
/// Every step is idempotent, and publishing the same commits again changes nothing that is there.
struct JobPublication: Sendable {
  private let store: StoreFolder
  private let job: String
  private var zarr: ZarrPublication?
  /// Commits that came before a layout could be read.
  private var unshown: [CommitReport] = []

  init(of job: String, in store: StoreFolder) {
    self.store = store
    self.job = job
  }

  private var folder: JobFolder { store.folder(of: job) }

  /// Publishes commits together: readers see all of their draws at once.
  /// - Returns: What can never be published, which must not hold up the rest.
  mutating func publish(_ reports: [CommitReport]) throws(StoreError) -> [StoreError] {
    var hopeless: [StoreError] = []
    for report in reports {
      for output in report.outputs ?? [] {
        do throws(StoreError) {
          try folder.publish(output.digest, as: output.name, from: store.blobs)
        } catch {
          guard Self.isHopeless(error) else { throw error }
          hopeless.append(error)
        }
      }
      do throws(StoreError) {
        try report.layout.map { (layout) throws(StoreError) in try start(layout) }
      } catch {
        guard Self.isHopeless(error) else { throw error }
        hopeless.append(error)
      }
    }
    unshown += reports.filter { $0.extent != nil }
    guard zarr != nil else { return hopeless }
    for report in unshown { zarr?.note(report.extent ?? [:], chain: report.commit.lease.task.index) }
    unshown = []
    let folder = folder
    try zarr?.show(in: folder)
    return hopeless
  }

  /// Completes the files after all commits of a job that has ended.
  func finish() throws(StoreError) { try zarr?.finish(in: folder) }

  private static func isHopeless(_ error: StoreError) -> Bool {
    [.badName, .corrupt, .missing].contains(error.code)
  }

  /// Starts the Zarr store with the first layout that comes; every chain brings the same.
  private mutating func start(_ reference: ZarrReference) throws(StoreError) {
    guard zarr == nil else { return }
    zarr = try ZarrPublication(try store.layout(reference, of: job), name: reference.name, in: folder)
  }
}

extension StoreFolder {
  /// Bytes of the largest layout that is read: it comes from a worker.
  private static let layoutBytesMax = 32 << 20

  /// Reads the description of a Zarr store.
  func layout(_ reference: ZarrReference, of job: String) throws(StoreError) -> ZarrLayout {
    guard try blobs.size(of: reference.digest) <= Self.layoutBytesMax else {
      throw StoreError(.corrupt, "Job \(job): the layout of \(reference.name) has more than 32 MiB.")
    }
    let bytes = try blobs.read(reference.digest)
    do {
      return try ZarrLayout(json: bytes)
    } catch {
      throw StoreError(.corrupt, "Job \(job): the layout of \(reference.name) cannot be read.", cause: error)
    }
  }
}
