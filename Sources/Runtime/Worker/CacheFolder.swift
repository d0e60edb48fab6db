import Foundation
import Glibc
import Scheduling
import Store

/// Where a worker keeps blobs if the store is not shared: a folder of its own, beside those of other workers of the host.
///
/// A worker holds a lock on its folder as long as it lives. So the next one can tell what killed workers have left, and
/// removes it: else a small disk would fill up with every worker that dies.
final class CacheFolder {
  let path: String
  private let lock: Int32
  /// Nothing but folders of this name is ever removed.
  private static let suffix = ".tributary-cache"

  /// Makes a worker's folder below `parent`.
  init(below parent: String, worker: WorkerID) throws(StoreError) {
    path = "\(parent)/\(worker)\(Self.suffix)"
    try DurableFile.makeFolder(parent)
    // Held meanwhile, so that nobody takes a folder that is not locked yet for one that is left.
    let gate = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(gate) }
    _ = flock(gate, LOCK_EX)
    Self.removeLeftovers(in: parent)
    try DurableFile.makeFolder(path)
    lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    _ = flock(lock, LOCK_EX | LOCK_NB)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    close(lock)
  }

  /// Where a file system has no such locks, nothing is removed.
  private static func removeLeftovers(in parent: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names where name.hasSuffix(suffix) {
      let descriptor = open("\(parent)/\(name)", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      defer { close(descriptor) }
      guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
      try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
    }
  }
}
