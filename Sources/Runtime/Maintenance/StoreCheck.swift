import Foundation
import Glibc
import Scheduling
import Store

/// Looks whether a store is whole: every blob, every commit, every published name, and what readers are shown.
///
/// Repairs what can be repaired: a blob from a published copy, a name from its blob, a Zarr store from its commits, and a
/// segment that is lost for good by taking its task back to the last checkpoint that is whole, so that it is computed
/// again with the same bytes (G4).
public final class StoreCheck {
  /// Something that is not as it should be.
  public struct Finding: Sendable, CustomStringConvertible {
    /// What is wrong.
    public let what: String
    /// What was done about it, or would be; nil if nothing can be done here.
    public let remedy: String?

    public var description: String { remedy.map { "\(what): \($0)" } ?? what }
  }

  /// What was looked at.
  public private(set) var jobCount = 0
  public private(set) var blobCount = 0
  public private(set) var bytes = 0
  /// What is wrong, in the order it was found.
  public internal(set) var findings: [Finding] = []
  let isRepairing: Bool
  let store: StoreFolder
  let catalogue: Catalogue
  /// Blobs whose bytes are not those they are named by.
  var damaged: Set<Digest> = []
  /// Blobs that are told of already.
  var told: Set<Digest> = []
  /// Blobs of which there is a copy under a published name.
  private var restorable: Set<Digest> = []

  /// Opens a store.
  /// - Throws: `StoreError`, `.missing` if there is none, `.inUse` while a coordinator has it.
  public init(_ path: String, isRepairing: Bool) throws(StoreError) {
    guard access("\(path)/catalogue.sqlite", R_OK) == 0 else {
      throw StoreError(.missing, "\(path): there is no store. Check the path.")
    }
    self.isRepairing = isRepairing
    store = try StoreFolder(at: path)
    catalogue = try Catalogue(path: "\(store.path)/catalogue.sqlite")
  }

  /// Checks everything, and repairs if it is to.
  public func run() throws(StoreError) {
    for fault in try catalogue.faults() {
      findings.append(Finding(what: "catalogue: \(fault); restore a backup of the store", remedy: nil))
    }
    guard findings.isEmpty else { return }
    try checkBlobs()
    let jobs = try catalogue.jobs()
    jobCount = jobs.count
    // First of all: one job's copy may save the blob of another.
    for job in jobs { try restoreBlobs(of: job) }
    for job in jobs { try check(job) }
    removeUnneeded()
  }

  /// Whether all findings were or can be repaired.
  public var isRepairable: Bool { findings.allSatisfy { $0.remedy != nil } }

  private func checkBlobs() throws(StoreError) {
    for shard in BlobStore.shards {
      for file in store.blobs.files(inShard: shard, now: 0) {
        blobCount += 1
        bytes += file.bytes
        if !(try store.blobs.isWhole(file.digest)) { damaged.insert(file.digest) }
      }
    }
  }

  func isWhole(_ digest: Digest) -> Bool {
    restorable.contains(digest) || !damaged.contains(digest) && store.blobs.contains(digest)
  }

  private func check(_ job: Catalogue.StoredJob) throws(StoreError) {
    var job = job
    checkInputs(of: job)
    var reports = try catalogue.commits(of: job.id)
    let before = findings.count
    let didReset = try resetTasks(of: job, reports)
    if didReset, isRepairing {
      reports = try catalogue.commits(of: job.id)
      job = try catalogue.jobs().first { $0.id == job.id } ?? job
    }
    try checkFiles(of: job, reports)
    if isRepairing, findings.count > before { try publishAgain(job, reports, isReset: didReset) }
  }

  private func checkInputs(of job: Catalogue.StoredJob) {
    for (name, digest) in job.inputs.sorted(by: { $0.key < $1.key }) where !isWhole(digest) {
      let advice =
        job.outcome == nil ? "cancel it, and submit it again with the file under another name" : "it has ended"
      told.insert(digest)
      findings.append(Finding(what: "\(job.name): the input \(name) is lost; \(advice)", remedy: nil))
    }
  }

  /// Takes blobs that are damaged or missing from their published names, where these are copies or have outlived them.
  private func restoreBlobs(of job: Catalogue.StoredJob) throws(StoreError) {
    let outputs = try catalogue.reports(of: job.id).flatMap { $0.outputs ?? [] }
    for output in outputs where !isWhole(output.digest) {
      let path = "\(store.folder(of: job.name).path)/\(output.name)"
      guard let bytes = try? DurableFile.read(path), Digest(of: bytes) == output.digest else { continue }
      let state = damaged.contains(output.digest) ? "damaged" : "missing"
      note("blob \(output.digest) is \(state)", remedy: "taken from \(job.name)/\(output.name)")
      told.insert(output.digest)
      restorable.insert(output.digest)
      guard isRepairing else { continue }
      store.blobs.remove(output.digest)
      try store.blobs.put(bytes)
      damaged.remove(output.digest)
    }
  }

  /// Damaged blobs that nobody misses, or that will be written again.
  private func removeUnneeded() {
    for digest in damaged.sorted() {
      if isRepairing { store.blobs.remove(digest) }
      if !told.contains(digest) { note("blob \(digest) is damaged", remedy: "removed, since no job needs it") }
    }
  }

  func note(_ what: String, remedy: String) { findings.append(Finding(what: what, remedy: remedy)) }
}
