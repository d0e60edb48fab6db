import Foundation
import Glibc
import Store

/// Copies a store while its coordinator goes on.
///
/// First a snapshot of the catalogue is taken, then the blobs that it refers to are linked or copied, and none of them can
/// be removed meanwhile. The snapshot gets its name last: whenever the backup is interrupted, the folder holds the old
/// catalogue or the new one, and all of its blobs. A coordinator that is started on the folder names the files anew.
public struct StoreBackup {
  /// What a backup has done.
  public struct Summary: Sendable {
    public internal(set) var blobs = 0
    /// Blobs that the backup did not have yet.
    public internal(set) var newBlobs = 0
    /// Of these, bytes that were copied, rather than linked.
    public internal(set) var bytesCopied = 0
    /// Blobs of an older backup that are not needed any more.
    public internal(set) var removed = 0
    /// Blobs that the store should have and cannot give.
    public internal(set) var damaged: [Digest] = []
  }

  private let source: String
  private let sourceBlobs: BlobStore
  private let folder: StoreFolder
  private static let mark = ".backup"

  /// - Parameters:
  ///   - source: The store.
  ///   - destination: A new or empty folder, or an older backup of the same store.
  public init(of source: String, to destination: String) throws(StoreError) {
    self.source = URL(fileURLWithPath: source).standardizedFileURL.path
    guard access("\(self.source)/catalogue.sqlite", R_OK) == 0 else {
      throw StoreError(.missing, "\(source): there is no store. Check the path.")
    }
    try Self.require(destination, isBackupOf: self.source)
    try DurableFile.makeFolder(destination)
    try DurableFile.write(try DurableFile.read("\(self.source)/.identity"), to: "\(destination)/\(Self.mark)")
    sourceBlobs = try BlobStore(storeFolder: self.source)
    folder = try StoreFolder(at: destination)
  }

  /// Nothing but a backup of this store may be overwritten, and none that has become a store itself.
  private static func require(_ destination: String, isBackupOf source: String) throws(StoreError) {
    let there = (try? FileManager.default.contentsOfDirectory(atPath: destination)) ?? []
    let isBackup = (try? DurableFile.read("\(destination)/\(mark)")) == (try DurableFile.read("\(source)/.identity"))
    guard there.isEmpty || isBackup else {
      throw StoreError(
        .inUse, "\(destination): neither empty nor a backup of \(source). Choose another folder for the backup.")
    }
  }

  /// A coordinator was started here: what it adds must not be overwritten by the next backup.
  static func becomesStore(_ path: String) { unlink("\(path)/\(mark)") }

  /// Brings the backup up to date.
  public func run() throws(StoreError) -> Summary {
    let lock = try lockAgainstRemoval()
    defer { withExtendedLifetime(lock) {} }
    let part = "\(folder.path)/catalogue.part"
    Self.removeDatabase(part)
    try Catalogue(reading: "\(source)/catalogue.sqlite").copy(to: part)
    let summary = try takeBlobs(of: part)
    guard summary.damaged.isEmpty else {
      Self.removeDatabase(part)
      return summary
    }
    let catalogue = "\(folder.path)/catalogue.sqlite"
    Self.removeDatabase(catalogue, butFile: true)
    try DurableFile.settle(part, as: catalogue)
    return try removeOthers(summary, catalogue)
  }

  private func lockAgainstRemoval() throws(StoreError) -> FileLock {
    for _ in 0..<600 {
      if let lock = try StoreFolder.lockAgainstRemoval(source) { return lock }
      usleep(100_000)
    }
    throw StoreError(.inUse, "\(source): another backup, or a removal of blobs, is under way. Try again later.")
  }

  private func takeBlobs(of part: String) throws(StoreError) -> Summary {
    // In a scope of its own, so that all is in the file when it is renamed.
    let catalogue = try Catalogue(path: part)
    try catalogue.detach()
    var (summary, seen): (Summary, Set<Digest>) = (Summary(), [])
    try catalogue.visitReferences { digest in
      guard seen.insert(digest).inserted else { return }
      summary.blobs += 1
      guard !folder.blobs.contains(digest) else { return }
      do throws(StoreError) {
        summary.bytesCopied += try folder.blobs.take(digest, from: sourceBlobs)
        summary.newBlobs += 1
      } catch {
        guard error.code == .missing || error.code == .corrupt else { throw error }
        summary.damaged.append(digest)
      }
    }
    try folder.blobs.syncShards()
    return summary
  }

  private func removeOthers(_ summary: Summary, _ catalogue: String) throws(StoreError) -> Summary {
    var summary = summary
    var others: Set<Digest> = []
    for shard in BlobStore.shards { others.formUnion(folder.blobs.files(inShard: shard, now: 0).map(\.digest)) }
    try Catalogue(path: catalogue).visitReferences { others.remove($0) }
    for digest in others { folder.blobs.remove(digest) }
    summary.removed = others.count
    return summary
  }

  private static func removeDatabase(_ path: String, butFile: Bool = false) {
    for suffix in butFile ? ["-wal", "-shm"] : ["", "-wal", "-shm"] { unlink(path + suffix) }
  }
}
