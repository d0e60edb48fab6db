import Dispatch
import Logging
import Store

/// Looks for blobs that no job needs, on a queue of its own, and measures the store on the way.
///
/// What it finds is removed by the coordinator's thread, which knows what was named since the search began.
final class GarbageSearch: Sendable {
  /// What one search found.
  struct Findings: Sendable {
    let garbage: [Digest]
    /// What is younger than this is not to be removed, by the clock of the file system.
    let modifiedBefore: Double
    /// Bytes of all blobs.
    let bytes: Int
    /// Held until the garbage is removed: no backup is under way.
    let lock: FileLock
  }

  /// Blobs looked up together in the catalogue: bounds the memory of a search.
  private static let candidatesMax = 50_000

  private let store: StoreFolder
  private let age: Double
  private let findings: Mailbox<Findings?>
  private let logger: Logger
  private let queue = DispatchQueue(label: "garbage", qos: .utility)

  /// - Parameters:
  ///   - age: Seconds for which a blob that nobody needs is kept: it may belong to a commit that is on its way.
  ///   - findings: Gets one value for each search: nil if it could not be done.
  init(_ store: StoreFolder, age: Double, findings: Mailbox<Findings?>, logger: Logger) {
    self.store = store
    self.age = age
    self.findings = findings
    self.logger = logger
  }

  func start() {
    queue.async { [self] in
      do throws(StoreError) {
        findings.post(try search())
      } catch {
        logger.warning("cannot look for garbage", metadata: ["error": "\(error)"])
        findings.post(nil)
      }
    }
  }

  private func search() throws(StoreError) -> Findings? {
    guard let lock = try StoreFolder.lockAgainstRemoval(store.path) else { return nil }
    let now = try store.blobs.now()
    store.blobs.removeLeftovers(modifiedBefore: now - max(age, 3600))
    let catalogue = try Catalogue(reading: "\(store.path)/catalogue.sqlite")
    var (bytes, candidates, garbage): (Int, Set<Digest>, [Digest]) = (0, [], [])
    for shard in BlobStore.shards {
      for file in store.blobs.files(inShard: shard, now: now) {
        bytes += file.bytes
        // A blob with a second name is a result, or in a backup: to remove its first one would free nothing.
        if file.age > age, file.links == 1 { candidates.insert(file.digest) }
      }
      if candidates.count >= Self.candidatesMax || shard == BlobStore.shards.last, !candidates.isEmpty {
        // After the files, so that whatever was referred to when they were listed is seen.
        try catalogue.visitReferences { candidates.remove($0) }
        garbage += candidates.sorted()
        candidates = []
      }
    }
    return Findings(garbage: garbage, modifiedBefore: now - age, bytes: bytes, lock: lock)
  }
}
