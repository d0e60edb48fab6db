import Crypto
import Glibc

/// A blob that arrives in pieces, in order.
///
/// Its bytes are hashed as they come, and get the name of their digest only when they have it.
public final class IncomingBlob {
  public let digest: Digest
  /// Bytes of the whole blob.
  public let size: Int
  /// Bytes received so far: where the next piece must start.
  public private(set) var offset = 0
  private let store: BlobStore
  private let path: String
  private let descriptor: Int32
  private var hash = SHA256()

  /// Starts to receive a blob.
  public init(_ digest: Digest, size: Int, into store: BlobStore) throws(StoreError) {
    self.digest = digest
    self.size = size
    self.store = store
    path = store.incomingName(of: digest)
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError("create", path: path, errno: errno) }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// Takes the next piece.
  /// - Returns: Whether the blob is complete, and with that durable.
  public func append(_ bytes: [UInt8]) throws(StoreError) -> Bool {
    guard bytes.count <= size - offset else {
      throw StoreError(.corrupt, "Blob \(digest) was announced with \(size) bytes, and more came.")
    }
    try DurableFile.append(bytes, to: descriptor, path: path)
    hash.update(data: bytes)
    offset += bytes.count
    guard offset == size else { return false }
    guard Digest(hash.finalize()) == digest else {
      throw StoreError(.corrupt, "The bytes sent as blob \(digest) have another digest; send them again.")
    }
    guard fsync(descriptor) == 0 else { throw StoreError("sync", path: path, errno: errno) }
    try store.accept(path, as: digest)
    return true
  }
}
