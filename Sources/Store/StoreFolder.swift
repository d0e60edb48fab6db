import Foundation
import Glibc

/// The shared folder that everything ends up in, as its coordinator holds it: one coordinator at a time.
public final class StoreFolder: Sendable {
  /// Absolute path of the folder.
  public let path: String
  /// Tells this store from any other, so that a worker knows whether it sees the same folder.
  public let identity: String
  public let blobs: BlobStore
  private let lock: FileLock

  /// Opens a store, and makes it where there is none.
  /// - Throws: `StoreError`: `.notWritable`, `.full`, or `.inUse` while another coordinator has it.
  public init(at path: String) throws(StoreError) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    try DurableFile.makeFolder(self.path)
    guard let lock = try FileLock("\(self.path)/.lock") else {
      throw StoreError(.inUse, "\(self.path): a coordinator uses this store. Stop it, or choose another folder.")
    }
    self.lock = lock
    blobs = try BlobStore(storeFolder: self.path)
    identity = try Self.identity(of: self.path)
  }

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

  /// Keeps the collector from removing blobs for as long as the lock lives; nil while someone else has it.
  public static func lockAgainstRemoval(_ path: String) throws(StoreError) -> FileLock? {
    try FileLock("\(path)/.removal")
  }
}

extension StoreFolder {
  private static let asidePrefix = ".removed-"

  /// Takes a job's folder out of sight, in one step; `discardAside` or `putBack` is to follow.
  public func putAside(_ job: String, as number: Int) throws(StoreError) {
    let folder = folder(of: job).path
    guard rename(folder, "\(path)/jobs/\(Self.asidePrefix)\(number)") == 0 || errno == ENOENT else {
      throw StoreError("put a folder aside", path: folder, errno: errno)
    }
  }

  /// Numbers of the jobs whose folders were put aside.
  public var aside: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/jobs")) ?? []
    return names.compactMap { $0.hasPrefix(Self.asidePrefix) ? Int($0.dropFirst(Self.asidePrefix.count)) : nil }
  }

  /// Brings a folder back that was put aside by a coordinator which then crashed.
  public func putBack(_ number: Int, as job: String) throws(StoreError) {
    try DurableFile.move("\(path)/jobs/\(Self.asidePrefix)\(number)", to: folder(of: job).path)
  }

  /// Removes a folder that was put aside, for good.
  public func discardAside(_ number: Int) {
    try? FileManager.default.removeItem(atPath: "\(path)/jobs/\(Self.asidePrefix)\(number)")
  }
}
