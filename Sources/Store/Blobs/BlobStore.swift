import Foundation
import Glibc

/// Immutable bytes named by their SHA-256, below `blobs/` of a store.
///
/// Workers and the coordinator may write at the same time, from several hosts where the folder is shared: a blob appears
/// under its name by one rename, and two writers of the same blob write the same bytes.
public struct BlobStore: Sendable {
  /// The folder `blobs`.
  public let folder: String

  /// Opens the blobs below a store's folder, and makes what is missing.
  public init(storeFolder: String) throws(StoreError) {
    folder = "\(storeFolder)/blobs"
    try DurableFile.makeFolder("\(folder)/incoming")
    try DurableFile.makeFolder("\(folder)/sha256")
    // All shards at once, so that no blob depends on a folder whose own name may not be durable yet.
    let shards = Self.shards.map { "\(folder)/sha256/\($0)" }
    let made = shards.filter { mkdir($0, 0o755) == 0 }
    if let shard = made.first { try DurableFile.syncFolder(of: shard) }
  }

  /// Where a blob is, or would be.
  public func path(of digest: Digest) -> String {
    let name = digest.description
    return "\(folder)/sha256/\(name.prefix(2))/\(name.dropFirst(2))"
  }

  public func contains(_ digest: Digest) -> Bool { access(path(of: digest), R_OK) == 0 }

  /// Stores bytes durably: when this returns, they survive a loss of power.
  /// - Returns: The name of the blob.
  @discardableResult
  public func put(_ bytes: [UInt8]) throws(StoreError) -> Digest {
    let digest = Digest(of: bytes)
    if try renew(digest) { return digest }
    let temporary = incomingName(of: digest)
    try DurableFile.writeAndSync(bytes, to: temporary)
    try accept(temporary, as: digest)
    return digest
  }

  /// Makes a blob that is there one to rely on, as if it had just been written: durable, for whoever wrote it may not have
  /// synced the folder yet, and too young to be collected as garbage.
  /// - Returns: Whether it is there; else it must be written.
  public func renew(_ digest: Digest) throws(StoreError) -> Bool {
    // First the time, then the look: a collector moves a blob away first and looks at its time after that, so one of the
    // two notices the other. A blob of another user, whose time cannot be set, is written again.
    guard utimensat(AT_FDCWD, path(of: digest), nil, 0) == 0, contains(digest) else { return false }
    try DurableFile.syncFolder(of: path(of: digest))
    return true
  }

  /// Reads a whole blob, and checks that it is what its name says.
  public func read(_ digest: Digest) throws(StoreError) -> [UInt8] {
    let bytes = try DurableFile.read(path(of: digest))
    guard Digest(of: bytes) == digest else {
      throw StoreError(.corrupt, "\(path(of: digest)): the bytes are not those it is named by. Remove the file.")
    }
    return bytes
  }

  /// Reads a part of a blob.
  /// - Returns: At most `count` bytes from `offset` on, and the size of the whole blob.
  public func read(_ digest: Digest, offset: Int, count: Int) throws(StoreError) -> (bytes: [UInt8], size: Int) {
    let path = path(of: digest)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError("open", path: path, errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw StoreError("read", path: path, errno: errno) }
    let wanted = max(0, min(count, Int(status.st_size) - offset))
    return (try DurableFile.read(descriptor, offset: offset, count: wanted, path: path), Int(status.st_size))
  }

  /// Bytes of a blob.
  public func size(of digest: Digest) throws(StoreError) -> Int {
    var status = stat()
    guard stat(path(of: digest), &status) == 0 else {
      throw StoreError("look up a blob", path: path(of: digest), errno: errno)
    }
    return Int(status.st_size)
  }

  /// Removes a blob that is wanted no longer; only for caches.
  public func remove(_ digest: Digest) { unlink(path(of: digest)) }

  func incomingName(of digest: Digest) -> String {
    DurableFile.temporaryName(for: "\(folder)/incoming/\(digest)")
  }

  /// Gives a synced file the name of its digest.
  func accept(_ temporary: String, as digest: Digest) throws(StoreError) {
    try DurableFile.move(temporary, to: path(of: digest))
  }
}
