import Foundation
import Glibc
import Store
import Synchronization
import TestSupport
import Testing

/// What a thread that collects tells the other.
private final class Race: Sendable {
  let collected = Atomic(0)
  let rounds = Atomic(0)
  let isDone = Atomic(false)
}

/// What nobody needs goes, and nothing else.
struct GarbageTests {
  private static func age(_ path: String, seconds: Double) throws {
    let date = Date(timeIntervalSinceNow: -seconds)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
  }

  @Test func onlyWhatIsOldIsCollected() throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    let (old, young) = (try blobs.put([1]), try blobs.put([2]))
    try Self.age(blobs.path(of: old), seconds: 100)
    let before = try blobs.now() - 50
    #expect(!blobs.collect(young, modifiedBefore: before) && blobs.contains(young))
    #expect(blobs.collect(old, modifiedBefore: before) && !blobs.contains(old))
    #expect(!blobs.collect(old, modifiedBefore: before))
    // To store it again is to say that it is needed, though it is there already.
    try Self.age(blobs.path(of: young), seconds: 100)
    try blobs.put([2])
    #expect(!blobs.collect(young, modifiedBefore: before))
    #expect(try folder.files(below: "blobs/sha256").count == 1)
  }

  /// The classic race: one finds a blob there already and relies on it, while another takes it for garbage.
  @Test func whoeverStoresABlobFindsItThere() throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    let bytes = [UInt8](repeating: 7, count: 100)
    let digest = Digest(of: bytes)
    let before = try blobs.now() - 50
    let race = Race()
    let collector = DispatchGroup()
    DispatchQueue.global().async(group: collector) {
      while !race.isDone.load(ordering: .acquiring) {
        if blobs.collect(digest, modifiedBefore: before) { race.collected.add(1, ordering: .relaxed) }
        race.rounds.add(1, ordering: .releasing)
      }
    }
    defer {
      race.isDone.store(true, ordering: .releasing)
      collector.wait()
    }
    // A collector that had begun before is through after two more rounds.
    func letItCollect() {
      let round = race.rounds.load(ordering: .acquiring)
      while race.rounds.load(ordering: .acquiring) < round + 2 { sched_yield() }
    }
    for round in 0..<2000 {
      // Older than the bound however long the rounds take.
      try? Self.age(blobs.path(of: digest), seconds: 100_000)
      // In most rounds both go for it at once, in some the collector is surely first.
      if round.isMultiple(of: 100) { letItCollect() }
      try blobs.put(bytes)
      letItCollect()
      try #require(blobs.contains(digest), "collected under the hands of who relies on it")
    }
    #expect(race.collected.load(ordering: .relaxed) > 0, "the race was never run")
    #expect(try folder.files(below: "blobs/incoming").filter { $0 != ".clock" } == [])
  }

  @Test func leftoversOfUploadsGo() throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    let (old, young) = ("\(blobs.folder)/incoming/a.1-x.part", "\(blobs.folder)/incoming/b.1-x.part")
    for path in [old, young] { try Data([1]).write(to: URL(filePath: path)) }
    try Self.age(old, seconds: 100)
    blobs.removeLeftovers(modifiedBefore: try blobs.now() - 50)
    #expect(access(old, F_OK) != 0 && access(young, F_OK) == 0)
  }

  @Test func aFolderThatWasPutAsideComesBackOrGoes() throws {
    let folder = try TemporaryFolder()
    let store = try StoreFolder(at: folder.path)
    try store.folder(of: "job").write([1], as: "a/b")
    try store.putAside("job", as: 7)
    #expect(store.aside == [7] && !store.folder(of: "job").contains("a/b"))
    try store.putBack(7, as: "job")
    #expect(store.aside == [] && store.folder(of: "job").contains("a/b"))
    try store.putAside("job", as: 7)
    store.discardAside(7)
    #expect(try folder.files(below: "jobs") == [])
    try store.putAside("job", as: 8)
  }

  @Test func rotIsSeenPieceByPiece() throws {
    let folder = try TemporaryFolder()
    let blobs = try BlobStore(storeFolder: folder.path)
    for bytes in [[], [1], [UInt8](repeating: 3, count: 3 << 20)] {
      let digest = try blobs.put(bytes)
      #expect(try blobs.isWhole(digest))
      let path = blobs.path(of: digest)
      try Data(bytes.dropLast() + (bytes.isEmpty ? [1] : [bytes[0] ^ 1])).write(to: URL(filePath: path))
      #expect(try !blobs.isWhole(digest))
      #expect(truncate(path, off_t(bytes.count / 2)) == 0)
      #expect(try bytes.isEmpty == blobs.isWhole(digest))
    }
  }
}
