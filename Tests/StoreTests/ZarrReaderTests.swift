import Foundation
import Store
import TestSupport
import Testing

struct ZarrReaderTests {
  private static func store(shown: ZarrExtent) throws -> (folder: TemporaryFolder, root: URL) {
    let (folder, example) = (try TemporaryFolder(), try ExampleStore())
    let root = URL(fileURLWithPath: folder.path)
    try example.writeInitialFiles(to: root)
    for chain in 0..<ExampleStore.chains {
      for segment in 0..<3 { try example.writeSegment(segment, chain: chain, to: root) }
    }
    try example.publish(["draw": shown], to: root)
    return (folder, root)
  }

  @Test func drawsAreReadAsFarAsTheyAreShown() throws {
    let (folder, root) = try Self.store(shown: ZarrExtent(chains: 3, draws: 110))
    let reader = try ZarrReader(root.path)
    #expect(try reader.shape(of: "posterior/theta") == [3, 110, 3])
    let expected = (0..<3).map { chain in (0..<110).map { Double(1000 * chain + $0) } }
    #expect(try reader.draws("posterior/theta", element: 1) == expected.map { $0.map { $0 + 1 / 10 } })
    #expect(try reader.draws("posterior/sigma") == expected.map { $0.map { -$0 } })
    let numbers = Array(0..<110)
    #expect(try reader.draws("sample_stats/diverging")?[2] == numbers.map { $0 % 7 == 3 ? 1 : 0 })
    #expect(try reader.draws("sample_stats/tree_depth")?[0] == numbers.map { Double($0 % 9 - 1) })
    #expect(try reader.coordinates("posterior_predictive/obs") == [7, 3])
    #expect(try reader.draws("posterior/none") == nil)
    withExtendedLifetime(folder) {}
  }

  @Test func beforeTheFirstDrawChainsAreNone() throws {
    let (folder, root) = try Self.store(shown: .empty)
    #expect(try ZarrReader(root.path).draws("posterior/theta") == [])
    withExtendedLifetime(folder) {}
  }

  @Test func damageIsSaidAndNamed() throws {
    let (folder, root) = try Self.store(shown: ZarrExtent(chains: 2, draws: 60))
    let reader = try ZarrReader(root.path)
    #expect(throws: StoreError.self) { try reader.draws("posterior/theta", element: 3) }
    let chunk = root.appending(path: "posterior/theta/1.1.0")
    try Data([1, 2, 3]).write(to: chunk)
    #expect { try reader.draws("posterior/theta") } throws: { "\($0)".contains("theta/1.1.0: it has 3 bytes") }
    try FileManager.default.removeItem(at: chunk)
    #expect { try reader.draws("posterior/theta") } throws: { ($0 as? StoreError)?.code == .missing }
    for text in [
      "{\"metadata\": ", "[]", "{\"metadata\": {\"a/b/.zarray\": {\"dtype\": \"<f8\", \"shape\": [1, 9e9]}}}",
    ] {
      try folder.write(text, as: ".zmetadata")
      #expect { _ = try ZarrReader(root.path).draws("a/b") } throws: { ($0 as? StoreError)?.code == .corrupt }
    }
  }
}
