import Messaging
import Scheduling
import Store

extension WorkerProcess {
  func take(_ message: Message) throws {
    connection.heard(at: MonotonicClock.now)
    do throws(EnvelopeError) {
      try take(try Envelope(frames: message.frames))
    } catch {
      if error.isOtherVersion { throw WorkerRefused(code: "version", message: error.message) }
      logger.warning("dropped a message", metadata: ["reason": "\(error)"])
    }
    if let refusal = connection.refusal { throw refusal }
  }

  private func take(_ envelope: Envelope) throws(EnvelopeError) {
    switch envelope.type {
    case Pulse.type: desk.note(shortage: try envelope.decode(Pulse.self).shortage)
    case Welcome.type: enter(try envelope.decode())
    case Unknown.type: handle(.unknown)
    case Drain.type: beginToDrain("the coordinator asks for it")
    case Dispatch.type: take(try envelope.decode(Dispatch.self))
    case Acknowledge.type:
      for commit in try envelope.decode(Acknowledge.self).commits {
        acknowledgedCommits += 1
        handle(.acknowledged(commit))
      }
    case Revoke.type:
      for lease in try envelope.decode(Revoke.self).leases {
        assignments[lease] = nil
        failures[lease] = nil
        handle(.revoked(lease))
      }
    case Stored.type: for report in uploader.stored(try envelope.decode()) { claim(report) }
    case Chunk.type: take(try envelope.decode(Chunk.self), envelope.payload)
    case Refused.type: take(try envelope.decode(Refused.self))
    default: throw EnvelopeError(message: "no message is of type \(envelope.type)")
    }
  }

  /// Finds out whether the store is a folder that this host sees, and goes on.
  private func enter(_ welcome: Welcome) {
    sharesStore = StoreFolder.isReachable(welcome.storePath, identity: welcome.storeIdentity)
    do throws(StoreError) {
      if !sharesStore, cache == nil { cache = try CacheFolder(below: configuration.cachePath, worker: id) }
      let folder = sharesStore ? welcome.storePath : cache?.path ?? ""
      desk.use(try BlobStore(storeFolder: folder), isCache: !sharesStore)
    } catch {
      return logger.error("cannot use a folder for blobs", metadata: ["error": "\(error)"])
    }
    connection.joined(sharesStore: sharesStore, logger)
    uploader.restart()
    fetcher.restart()
    handle(.welcomed)
  }

  private func take(_ dispatch: Dispatch) {
    for job in dispatch.jobs { jobs[job.id] = job }
    for assignment in dispatch.assignments { assignments[assignment.lease] = assignment }
    handle(.dispatched(dispatch.assignments.map(\.lease)))
  }

  private func take(_ chunk: Chunk, _ payload: [[UInt8]]) {
    guard let blobs = desk.blobs, let bytes = payload.first else { return }
    do throws(StoreError) {
      try fetcher.take(chunk, bytes, into: blobs)
    } catch {
      guard error.code == .full else { return fetcher.refuse("\(error)") }
      // Waited for, as by those who write: it is no fault of the task.
      logger.warning("no space for a blob; trying again", metadata: ["reason": "\(error)"])
      fetchesPausedUntil = MonotonicClock.now.advanced(bySeconds: 2)
      fetcher.restart()
    }
  }

  private func take(_ refused: Refused) {
    if let digest = refused.digest, digest == fetcher.current {
      fetcher.refuse(refused.message)
    } else if refused.digest != nil {
      logger.warning("the coordinator cannot store a blob; trying again", metadata: ["reason": "\(refused.message)"])
      uploadsPausedUntil = MonotonicClock.now.advanced(bySeconds: 2)
      uploader.restart()
    } else {
      connection.refusal = WorkerRefused(code: refused.code, message: refused.message)
    }
  }
}
