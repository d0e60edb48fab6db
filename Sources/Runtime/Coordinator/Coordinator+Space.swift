import Foundation
import Glibc
import Messaging
import Scheduling
import Specification
import Store

/// What the coordinator knows of the room in its store.
struct Space {
  /// Bytes that the blobs take: measured by each search for garbage, and in between grown by what is named.
  var used = 0
  /// Why nothing more is stored at present, and what to do.
  var shortage: String?
  /// Blobs that were named since the search for garbage began; nil while there is none.
  var named: Set<Digest>?
  /// What the last search found and is still to be removed, last one first.
  var findings: GarbageSearch.Findings?
  var garbage: [Digest] = []
  var removed = 0
  var isSearchWanted = true
  var lastSearch = Instant(nanoseconds: 0)
}

extension Coordinator {
  /// Seconds between two searches for garbage, and at least between two when space is short.
  private static let searchSeconds = (usually: 3600.0, short: 60.0)
  /// Blobs removed in one turn: each takes some system calls.
  private static let removalsPerTurn = 256

  /// Notes blobs that are needed from now on: a search for garbage that is under way may not have seen it.
  func note(named digests: [Digest]) {
    space.named?.formUnion(digests)
    guard configuration.quotaBytes != nil else { return }
    for digest in digests { space.used += (try? store.blobs.size(of: digest)) ?? 0 }
  }

  /// Looks once a second whether there is room for more.
  func watchSpace() {
    let shortage = currentShortage
    if (shortage == nil) != (space.shortage == nil) {
      logger.warning("\(shortage ?? "there is space again")")
      space.isSearchWanted = true
    }
    space.shortage = shortage
  }

  private var currentShortage: String? {
    var status = statvfs()
    if statvfs(store.path, &status) == 0 {
      let size = Int(status.f_blocks) * Int(status.f_frsize)
      let free = Int(status.f_bavail) * Int(status.f_frsize)
      let floor = configuration.freeBytesMin ?? min(size / 100, 1 << 30)
      if free < floor {
        return """
          The disk of \(store.path) has \(ByteCount(bytes: free).rounded) left, less than the \(ByteCount(bytes: floor).rounded) that are \
          kept free. Free some space, for example with `tributary jobs remove`; until then work waits.
          """
      }
    }
    guard let quota = configuration.quotaBytes, space.used > quota else { return nil }
    return """
      The store takes \(ByteCount(bytes: space.used).rounded), more than its quota of \(ByteCount(bytes: quota).rounded). Free some space \
      with `tributary jobs remove`, or restart the coordinator with a larger --quota; until then work waits.
      """
  }

  /// Searches for garbage from time to time, and removes what was found. Between two turns, so that the catalogue holds
  /// all that was named before the search began.
  func collectGarbage() {
    for found in findings.takeAll() {
      guard let found else {
        (space.named, space.isSearchWanted) = (nil, true)
        continue
      }
      (space.findings, space.garbage, space.used, space.removed) = (found, found.garbage, found.bytes, 0)
    }
    removeGarbage()
    let now = MonotonicClock.now
    let isShort = space.shortage != nil || space.isSearchWanted
    let pause = isShort ? Self.searchSeconds.short : Self.searchSeconds.usually
    let isDue =
      space.lastSearch.nanoseconds == 0 || now.seconds(since: space.lastSearch) >= min(pause, configuration.garbageAge)
    guard space.named == nil, isDue else { return }
    // Folders that are still being removed keep their blobs from being garbage yet.
    (space.named, space.lastSearch, space.isSearchWanted) = ([], now, !store.aside.isEmpty)
    garbageSearch.start()
  }

  /// Nothing that a job needs can go: what the catalogue refers to is no garbage, what was named since is looked up here,
  /// on the thread that takes in commits and submissions, and these refuse what has gone before they came.
  private func removeGarbage() {
    guard let found = space.findings, let named = space.named else { return }
    for digest in space.garbage.suffix(Self.removalsPerTurn) where !named.contains(digest) {
      let bytes = (try? store.blobs.size(of: digest)) ?? 0
      guard store.blobs.collect(digest, modifiedBefore: found.modifiedBefore) else { continue }
      (space.removed, space.used) = (space.removed + 1, space.used - bytes)
    }
    space.garbage.removeLast(min(Self.removalsPerTurn, space.garbage.count))
    guard space.garbage.isEmpty else { return }
    if space.removed > 0 {
      logger.info("removed blobs that no job needs", metadata: ["count": "\(space.removed)"])
    }
    (space.findings, space.named) = (nil, nil)
  }

  /// Keeps blobs from being taken for garbage for a while: a running task may replace the files they belong to before who
  /// was told of them has read them.
  func keepForNow(_ digests: [Digest]) throws(StoreError) {
    for digest in digests { _ = try store.blobs.renew(digest) }
    note(named: digests)
  }

  /// Removes an ended job: its folder at once, its blobs with the next search for garbage.
  func remove(_ name: String, _ routingID: Peers.RoutingID) throws(StoreError) {
    let job = try job(named: name)
    guard job.isPublished else {
      let advice = job.outcome == nil ? "Cancel it first: tributary cancel \(name)." : "Try again in a moment."
      return send(Refused(code: "running", message: "Job \(name) has not ended. \(advice)"), to: routingID)
    }
    try store.putAside(job.name, as: job.id.rawValue)
    jobIDs[name] = nil
    turn.add(.removed(job.id))
    answers.append((Removed(name: name), to: routingID))
    logger.info("job removed", metadata: ["job": "\(name)"])
  }
}
