import DequeModule
import Scheduling
import Store

/// Sends the blobs of commits to the coordinator, piece by piece, where the store is not a shared folder.
///
/// A commit is claimed only when all its blobs are stored. After a broken connection the current blob starts anew.
struct Uploader {
  private struct Blob {
    let digest: Digest
    let size: Int
    var sent = 0
    var stored = 0
    var isStarted = false
  }

  private var reports: Deque<CommitReport> = []
  /// Blobs of the first report that are not stored yet; the first of them is under way.
  private var blobs: Deque<Blob> = []

  /// Adds a commit whose blobs are in `cache`.
  mutating func add(_ report: CommitReport, _ cache: BlobStore) throws(StoreError) {
    reports.append(report)
    if reports.count == 1 { try begin(cache) }
  }

  /// Sends the current blob from its start.
  mutating func restart() {
    guard !blobs.isEmpty else { return }
    (blobs[0].sent, blobs[0].stored, blobs[0].isStarted) = (0, 0, false)
  }

  /// The next piece to send now, if credit allows.
  mutating func nextPiece() -> Put? {
    guard let blob = blobs.first, blob.sent < blob.size || !blob.isStarted else { return nil }
    guard blob.sent - blob.stored < BlobPiece.inFlightMax * BlobPiece.bytesMax else { return nil }
    let put = Put(digest: blob.digest, size: blob.size, offset: blob.sent)
    blobs[0].sent = min(blob.size, blob.sent + BlobPiece.bytesMax)
    blobs[0].isStarted = true
    return put
  }

  /// Takes the coordinator's word for how much of a blob it has.
  /// - Returns: Commits whose blobs are all stored now.
  mutating func stored(_ stored: Stored, _ cache: BlobStore) throws(StoreError) -> [CommitReport] {
    guard let blob = blobs.first, blob.digest == stored.digest else { return [] }
    blobs[0].stored = max(blob.stored, stored.offset)
    guard stored.offset >= blob.size else {
      // The coordinator wants another piece than the next one: it has restarted, or dropped some.
      if stored.offset < blob.stored { blobs[0].sent = stored.offset }
      return []
    }
    blobs.removeFirst()
    var complete: [CommitReport] = []
    while blobs.isEmpty, let report = reports.popFirst() {
      complete.append(report)
      try begin(cache)
    }
    return complete
  }

  private mutating func begin(_ cache: BlobStore) throws(StoreError) {
    guard let report = reports.first else { return }
    for digest in report.digests { blobs.append(Blob(digest: digest, size: try cache.size(of: digest))) }
  }
}

extension CommitReport {
  /// All blobs that the commit names.
  var digests: [Digest] {
    (outputs ?? []).map(\.digest) + [checkpoint, layout?.digest].compactMap { $0 }
  }
}

/// Brings blobs from the coordinator into the cache, one after the other.
struct Fetcher {
  private var requests: Deque<BlobRequest> = []
  private var download: IncomingBlob?
  private var requested = 0

  /// Adds a wish.
  mutating func add(_ request: BlobRequest) { requests.append(request) }

  /// The current wish is asked for from its start, after a broken connection.
  mutating func restart() {
    download = nil
    requested = 0
  }

  /// The next piece to ask for now. The first piece tells the size; from then on several are under way.
  mutating func nextPiece() -> Fetch? {
    guard let request = requests.first else { return nil }
    if let download {
      let isWithinCredit = requested - download.offset < BlobPiece.inFlightMax * BlobPiece.bytesMax
      guard requested < download.size, isWithinCredit else { return nil }
    } else if requested > 0 {
      return nil
    }
    defer { requested += BlobPiece.bytesMax }
    return Fetch(digest: request.digest, offset: requested)
  }

  /// Takes a piece.
  mutating func take(_ chunk: Chunk, _ bytes: [UInt8], into cache: BlobStore) throws(StoreError) {
    guard let request = requests.first, request.digest == chunk.digest else { return }
    if download == nil { download = try IncomingBlob(chunk.digest, size: chunk.size, into: cache) }
    guard let download, chunk.offset == download.offset else { return }
    if try download.append(bytes) {
      requests.removeFirst().fulfil()
      restart()
    }
  }

  /// The current wish cannot be fulfilled.
  mutating func refuse(_ message: String) {
    requests.popFirst()?.refuse(message)
    restart()
  }

  /// The blob that is being fetched.
  var current: Digest? { requests.first?.digest }
}
