import Messaging
import Store

extension Coordinator {
  func takeBlobMessage(_ envelope: Envelope, _ routingID: Peers.RoutingID) throws(EnvelopeError) -> Bool {
    switch envelope.type {
    case Put.type: try take(try envelope.decode(Put.self), envelope.payload, routingID)
    case Fetch.type: try serve(try envelope.decode(Fetch.self), routingID)
    default: return false
    }
    return true
  }

  private func take(_ put: Put, _ payload: [[UInt8]], _ routingID: Peers.RoutingID) throws(EnvelopeError) {
    guard let piece = payload.first, put.size >= 0, put.offset >= 0, piece.count <= BlobPiece.bytesMax else {
      throw EnvelopeError(message: "a piece of a blob without bytes, or with too many")
    }
    if let shortage = space.shortage {
      return send(Refused(code: "full", message: shortage, digest: put.digest), to: routingID)
    }
    // What goes beyond the credit is dropped, and sent again from where `stored` says.
    guard let peer = peers[routingID], peer.pendingPieces < 2 * BlobPiece.inFlightMax else { return }
    guard uploads.pieces < Uploads.piecesMax else {
      let message = "The coordinator is busy storing the blobs of others; try again in a moment."
      return send(Refused(code: "busy", message: message, digest: put.digest), to: routingID)
    }
    figures?.blobBytesReceived += piece.count
    peers.update(routingID) { $0.pendingPieces += 1 }
    uploads.append(piece, to: put, from: routingID)
  }

  /// Tells a peer what became of a piece that it sent.
  func answer(_ outcome: Uploads.Outcome) {
    peers.update(outcome.routingID) { $0.pendingPieces -= 1 }
    guard peers[outcome.routingID] != nil else { return }
    switch outcome.result {
    case .success(let offset): send(Stored(digest: outcome.digest, offset: offset), to: outcome.routingID)
    case .failure(let error):
      failedPieces += 1
      if failedPieces <= 20 || failedPieces.isMultiple(of: 1000) {
        logger.error("cannot store a blob", metadata: ["count": "\(failedPieces)", "error": "\(error)"])
      }
      send(
        Refused(code: error.code.name, message: error.description, digest: outcome.digest), to: outcome.routingID)
    }
  }

  private func serve(_ fetch: Fetch, _ routingID: Peers.RoutingID) throws(EnvelopeError) {
    guard fetch.offset >= 0 else { throw EnvelopeError(message: "a fetch from a negative offset") }
    do throws(StoreError) {
      let (bytes, size) = try store.blobs.read(fetch.digest, offset: fetch.offset, count: BlobPiece.bytesMax)
      figures?.blobBytesSent += bytes.count
      send(Chunk(digest: fetch.digest, size: size, offset: fetch.offset), payload: [bytes], to: routingID)
    } catch {
      send(Refused(code: error.code.name, message: error.description, digest: fetch.digest), to: routingID)
    }
  }
}
