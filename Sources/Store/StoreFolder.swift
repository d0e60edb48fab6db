import Foundation
import Glibc

/// The shared folder that everything ends up in, as its coordinator holds it: one coordinator at a time.
public final class StoreFolder: Sendable {
  /// Absolute path of the folder.
  public let path: String
  /// Tells this store from any other, so that a worker knows whether it sees the same folder.
  public let identity: String
  public let blobs: BlobStore
  private let lock: Int32

  /// Opens a store, and makes it where there is none.
  /// - Throws: `StoreError`: `.notWritable`, `.full`, or `.inUse` while another coordinator has it.
  public init(at path: String) throws(StoreError) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    try DurableFile.makeFolder(self.path)
    let lockPath = "\(self.path)/.lock"
    lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else { throw StoreError("open", path: lockPath, errno: errno) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw StoreError(
        .inUse, "\(self.path): another coordinator uses this store. Stop it, or choose another folder.")
    }
    blobs = try BlobStore(storeFolder: self.path)
    identity = try Self.identity(of: self.path)
    Self.removeLeftovers(in: "\(self.path)/blobs/incoming")
  }

  deinit { close(lock) }

  /// The folder of a job.
  public func folder(of job: String) -> JobFolder { JobFolder(storeFolder: path, job: job) }

  /// Whether `path`, seen from this host, is the store of that identity and can be written to.
  public static func isReachable(_ path: String, identity: String) -> Bool {
    guard let found = try? DurableFile.read("\(path)/.identity") else { return false }
    return found == Array(identity.utf8) && access("\(path)/blobs/incoming", W_OK) == 0
  }

  private static func identity(of path: String) throws(StoreError) -> String {
    let file = "\(path)/.identity"
    if let bytes = try? DurableFile.read(file), !bytes.isEmpty { return String(decoding: bytes, as: UTF8.self) }
    let identity = UUID().uuidString
    try DurableFile.write(Array(identity.utf8), to: file)
    return identity
  }

  /// Removes half-received blobs of a coordinator that crashed; those of living workers are younger than an hour.
  private static func removeLeftovers(in folder: String) {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] {
      let path = "\(folder)/\(name)"
      let modified = (try? files.attributesOfItem(atPath: path))?[.modificationDate] as? Date
      if let modified, modified.timeIntervalSinceNow < -3600 { unlink(path) }
    }
  }
}
