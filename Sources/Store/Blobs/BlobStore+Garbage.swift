import Crypto
import Foundation
import Glibc

/// A blob as it lies on the disk.
public struct BlobFile: Sendable {
  public let digest: Digest
  /// Bytes that it takes on the disk.
  public let bytes: Int
  /// Seconds since it was written or renewed, by the clock of the file system.
  public let age: Double
  /// Names that it has, its own and those in the folders of jobs.
  public let links: Int
}

extension BlobStore {
  /// The folders that blobs are spread over.
  public static let shards = (0..<256).map { String(String($0 + 256, radix: 16).dropFirst()) }

  /// The blobs of one shard, in the order of their digests; what is not named by a digest is passed over.
  /// - Parameter now: The file system's time, as `now()` gave it.
  public func files(inShard shard: String, now: Double) -> [BlobFile] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/sha256/\(shard)")) ?? []
    return names.sorted().compactMap { name in
      guard let digest = Digest(shard + name), let status = self.status(of: path(of: digest)) else { return nil }
      return BlobFile(
        digest: digest, bytes: Int(status.st_blocks) * 512, age: now - status.modified, links: Int(status.st_nlink))
    }
  }

  /// The time by the clock that stamps the files, which need not be this host's, in seconds.
  public func now() throws(StoreError) -> Double {
    let path = "\(folder)/incoming/.clock"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw StoreError("open", path: path, errno: errno) }
    defer { close(descriptor) }
    guard futimens(descriptor, nil) == 0, let status = self.status(of: path) else {
      throw StoreError("set the time", path: path, errno: errno)
    }
    return status.modified
  }

  /// Removes a blob, unless it was written or renewed of late.
  ///
  /// It is moved away first and looked at after that: whoever renews it either sets its time before the move, which is
  /// seen here, or finds it gone and writes it again.
  /// - Parameter before: What is younger than this time stays.
  /// - Returns: Whether it is gone.
  public func collect(_ digest: Digest, modifiedBefore before: Double) -> Bool {
    guard let status = self.status(of: path(of: digest)), status.modified < before else { return false }
    let aside = incomingName(of: digest)
    guard rename(path(of: digest), aside) == 0 else { return false }
    guard let status = self.status(of: aside), status.modified < before else {
      rename(aside, path(of: digest))
      return false
    }
    unlink(aside)
    return true
  }

  /// Removes what uploads have left behind that ended half-way: files without a name that nobody has written to since.
  public func removeLeftovers(modifiedBefore before: Double) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/incoming")) ?? [] {
      let path = "\(folder)/incoming/\(name)"
      if name.hasSuffix(".part"), let status = self.status(of: path), status.modified < before { unlink(path) }
    }
  }

  /// Whether a blob is there with the bytes it is named by; reads it piece by piece.
  public func isWhole(_ digest: Digest) throws(StoreError) -> Bool {
    var (hash, offset, size) = (SHA256(), 0, 0)
    repeat {
      let piece: (bytes: [UInt8], size: Int)
      do throws(StoreError) {
        piece = try read(digest, offset: offset, count: 1 << 20)
      } catch {
        guard error.code == .missing || error.code == .inputOutput else { throw error }
        return false
      }
      // A file that shrinks under our eyes is not whole.
      guard !piece.bytes.isEmpty || piece.size == 0 else { return false }
      hash.update(data: piece.bytes)
      offset += piece.bytes.count
      size = piece.size
    } while offset < size
    return Digest(hash.finalize()) == digest
  }

  /// Takes a blob from another store: a second name for the same file where the file system allows it, else a synced copy.
  /// - Returns: Bytes that were copied.
  /// - Throws: `StoreError`, `.missing`, or `.corrupt` if a copy has other bytes than its name says.
  public func take(_ digest: Digest, from other: BlobStore) throws(StoreError) -> Int {
    if link(other.path(of: digest), path(of: digest)) == 0 || errno == EEXIST { return 0 }
    let bytes = try other.read(digest)
    try put(bytes)
    return bytes.count
  }

  /// Syncs the folders of all blobs.
  public func syncShards() throws(StoreError) {
    for shard in Self.shards { try DurableFile.syncFolder(of: "\(folder)/sha256/\(shard)/x") }
  }

  private func status(of path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }
}

extension stat {
  fileprivate var modified: Double { Double(st_mtim.tv_sec) + Double(st_mtim.tv_nsec) / 1e9 }
}
