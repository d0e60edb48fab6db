import Formats
import Foundation
import Store
import TestSupport
import Testing

/// What readers of a growing store see: never less than before, never a gap, and the same bytes at the end.
struct ZarrPublicationTests {
  private static func layout() throws -> ZarrLayout {
    try ZarrLayout(
      counters: [ZarrCounter(name: "draw", chains: 2, draws: 20, chunkDraws: 10)],
      groups: [
        ZarrGroup(
          name: "posterior", growth: .draws(counter: "draw"), arrays: [ZarrArray(name: "a", dtype: .float64)])
      ])
  }

  private static func shape(in folder: JobFolder) throws -> [Int] {
    let json = try DurableFile.read("\(folder.path)/p.zarr/.zmetadata")
    let root = try #require(JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
    let metadata = try #require(root["metadata"] as? [String: [String: Any]])
    return try #require(metadata["posterior/a/.zarray"]?["shape"] as? [Int])
  }

  @Test func theShownRectangleGrowsWithoutGaps() throws {
    let temporary = try TemporaryFolder()
    let folder = JobFolder(storeFolder: temporary.path, job: "job")
    var publication = try ZarrPublication(Self.layout(), name: "p.zarr", in: folder)
    #expect(try Self.shape(in: folder) == [0, 0])
    let steps: [(chain: Int, draws: Int, shown: [Int])] = [
      (1, 10, [0, 0]), (0, 10, [2, 10]), (0, 20, [2, 10]), (1, 20, [2, 20]),
    ]
    for step in steps {
      publication.note(["draw": step.draws], chain: step.chain)
      try publication.show(in: folder)
      #expect(try Self.shape(in: folder) == step.shown)
    }
  }

  /// A restarted coordinator notes all commits before it shows anything; until then readers see what they saw.
  @Test func takingUpAStoreShowsNothingLess() throws {
    let temporary = try TemporaryFolder()
    let folder = JobFolder(storeFolder: temporary.path, job: "job")
    var publication = try ZarrPublication(Self.layout(), name: "p.zarr", in: folder)
    for chain in 0...1 { publication.note(["draw": 20], chain: chain) }
    try publication.show(in: folder)
    var restarted = try ZarrPublication(Self.layout(), name: "p.zarr", in: folder)
    #expect(try Self.shape(in: folder) == [2, 20])
    for chain in 0...1 { restarted.note(["draw": 20], chain: chain) }
    try restarted.show(in: folder)
    try restarted.finish(in: folder)
    #expect(try Self.shape(in: folder) == [2, 20])
  }

  @Test func foreignExtentsAreIgnored() throws {
    let temporary = try TemporaryFolder()
    let folder = JobFolder(storeFolder: temporary.path, job: "job")
    var publication = try ZarrPublication(Self.layout(), name: "p.zarr", in: folder)
    publication.note(["draw": 10, "other": 10], chain: 7)
    publication.note(["draw": -5], chain: 0)
    publication.note(["draw": 1_000_000], chain: 0)
    try publication.show(in: folder)
    #expect(try Self.shape(in: folder) == [1, 20])
  }
}
