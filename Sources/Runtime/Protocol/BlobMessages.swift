import Messaging
import Store

// How blobs travel, between the coordinator and any peer.

/// In what measure blobs travel.
enum BlobPiece {
  /// Bytes of a blob in one message: small enough to cross a slow link well inside the heartbeat timeout.
  static let bytesMax = 256 << 10
  /// Pieces a peer may have under way.
  static let inFlightMax = 8
}

/// A piece of a blob, in the payload frame.
struct Put: MessageBody {
  static let type = "put"
  let digest: Digest
  /// Bytes of the whole blob.
  let size: Int
  /// Where the piece starts.
  let offset: Int
}

/// A piece of a blob has arrived, or the whole blob was there already: then `offset` is its size.
struct Stored: MessageBody {
  static let type = "stored"
  let digest: Digest
  /// Where the next piece starts; the blob is durable when this is its size.
  let offset: Int
}

/// A piece of a blob is wanted.
struct Fetch: MessageBody {
  static let type = "fetch"
  let digest: Digest
  let offset: Int
}

/// A piece of a blob, in the payload frame.
struct Chunk: MessageBody {
  static let type = "chunk"
  let digest: Digest
  let size: Int
  let offset: Int
}
