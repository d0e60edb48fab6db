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

  /// A commit and its blobs that are not stored yet.
  private struct Upload {
    let report: CommitReport
    var blobs: Deque<Blob>
  }

  /// Commits in their order; the first blob of the first one is under way.
  private var uploads: Deque<Upload> = []

  private var current: Blob? {
    get { uploads.first?.blobs.first }
    set { if let newValue, current != nil { uploads[0].blobs[0] = newValue } }
  }

  /// Adds a commit whose blobs are in `cache`.
  /// - Returns: Commits that need not wait for a blob: this one, if it brings none and is alone.
  mutating func add(_ report: CommitReport, _ cache: BlobStore) throws(StoreError) -> [CommitReport] {
    var blobs: Deque<Blob> = []
    for digest in report.digests { blobs.append(Blob(digest: digest, size: try cache.size(of: digest))) }
    uploads.append(Upload(report: report, blobs: blobs))
    return takeComplete()
  }

  /// Sends the current blob from its start.
  mutating func restart() {
    current?.sent = 0
    current?.stored = 0
    current?.isStarted = false
  }

  /// The next piece to send now, if credit allows.
  mutating func nextPiece() -> Put? {
    guard let blob = current, blob.sent < blob.size || !blob.isStarted else { return nil }
    guard blob.sent - blob.stored < BlobPiece.inFlightMax * BlobPiece.bytesMax else { return nil }
    current?.sent = min(blob.size, blob.sent + BlobPiece.bytesMax)
    current?.isStarted = true
    return Put(digest: blob.digest, size: blob.size, offset: blob.sent)
  }

  /// Takes the coordinator's word for how much of a blob it has.
  /// - Returns: Commits whose blobs are all stored now.
  mutating func stored(_ stored: Stored) -> [CommitReport] {
    guard let blob = current, blob.digest == stored.digest else { return [] }
    guard stored.offset >= blob.size else {
      // The coordinator wants another piece than the next one: it has restarted, or dropped some.
      if stored.offset < blob.stored { current?.sent = stored.offset }
      current?.stored = max(blob.stored, stored.offset)
      return []
    }
    uploads[0].blobs.removeFirst()
    return takeComplete()
  }

  private mutating func takeComplete() -> [CommitReport] {
    var complete: [CommitReport] = []
    while let first = uploads.first, first.blobs.isEmpty { complete.append(uploads.removeFirst().report) }
    return complete
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
