import Dispatch
import Store
import Synchronization

/// Receives blobs in pieces, on a queue of its own: an fsync must not keep the coordinator's loop waiting.
final class Uploads: Sendable {
  /// What became of a piece.
  struct Outcome: Sendable {
    let routingID: Peers.RoutingID
    let digest: Digest
    /// Where the next piece starts.
    let result: Result<Int, StoreError>
  }

  private struct Key: Hashable {
    let routingID: Peers.RoutingID
    let digest: Digest
  }

  /// Blobs that one peer may have begun and not finished, and all peers together: each takes a descriptor.
  private static let blobsAtOnceMax = 4
  private static let openBlobsMax = 512
  /// Pieces that may wait for the disk, of all peers together.
  static let piecesMax = 256

  private let blobs: BlobStore
  private let outcomes: Mailbox<Outcome>
  private let queue = DispatchQueue(label: "uploads")
  private let open = Mutex<[Key: IncomingBlob]>([:])
  private let waiting = Atomic(0)

  init(blobs: BlobStore, outcomes: Mailbox<Outcome>) {
    self.blobs = blobs
    self.outcomes = outcomes
  }

  /// Pieces that wait for the disk.
  var pieces: Int { waiting.load(ordering: .relaxed) }

  func append(_ piece: [UInt8], to put: Put, from routingID: Peers.RoutingID) {
    waiting.add(1, ordering: .relaxed)
    queue.async { [self] in
      defer { waiting.subtract(1, ordering: .relaxed) }
      let result = Result { () throws(StoreError) in try take(piece, put, Key(routingID: routingID, digest: put.digest))
      }
      outcomes.post(Outcome(routingID: routingID, digest: put.digest, result: result))
    }
  }

  /// Drops what a peer that is gone has not finished.
  func abandon(_ routingID: Peers.RoutingID) {
    queue.async { [self] in
      open.withLock { open in open = open.filter { $0.key.routingID != routingID } }
    }
  }

  /// A peer sends one blob after the other; many at once would use up the descriptors of this process.
  private func requireRoom(for key: Key, _ open: [Key: IncomingBlob]) throws(StoreError) {
    let isFull = open.count >= Self.openBlobsMax
    guard isFull || open.count(where: { $0.key.routingID == key.routingID }) >= Self.blobsAtOnceMax else { return }
    throw StoreError(.inputOutput, "Too many blobs at once; finish one before the next.")
  }

  /// Takes a piece that fits; any other is answered with where the next one must start.
  private func take(_ piece: [UInt8], _ put: Put, _ key: Key) throws(StoreError) -> Int {
    if try blobs.renew(put.digest) {
      open.withLock { $0[key] = nil }
      return put.size
    }
    let result = open.withLock { open in
      Result { () throws(StoreError) -> Int in
        if put.offset == 0, open[key] == nil { try requireRoom(for: key, open) }
        if put.offset == 0 { open[key] = try IncomingBlob(put.digest, size: put.size, into: blobs) }
        guard let upload = open[key] else { return 0 }
        guard put.offset == upload.offset else { return upload.offset }
        do throws(StoreError) {
          if try upload.append(piece) { open[key] = nil }
          return upload.offset
        } catch {
          open[key] = nil
          throw error
        }
      }
    }
    return try result.get()
  }
}
