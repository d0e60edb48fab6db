import Foundation
import Formats
import Store
import Testing

@Suite struct ZarrLayoutTests {
  @Test func theMetadataIsPinned() throws {
    let layout = try ZarrLayout(
      attributes: ["inference_library": "tributary"],
      counters: [ZarrCounter(name: "draw", chains: 4, draws: 100, chunkDraws: 50)],
      groups: [
        ZarrGroup(
          name: "sample_stats", growth: .draws(counter: "draw"), arrays: [ZarrArray(name: "diverging", dtype: .bool)])
      ])
    func array(_ shape: String, _ chunks: String, _ dtype: String) -> String {
      #"{"chunks":\#(chunks),"compressor":null,"dimension_separator":".","dtype":"\#(dtype)","fill_value":null,"#
        + #""filters":null,"order":"C","shape":\#(shape),"zarr_format":2}"#
    }
    let expected =
      #"{"metadata":{".zattrs":{"inference_library":"tributary"},".zgroup":{"zarr_format":2},"#
      + #""sample_stats/.zattrs":{},"sample_stats/.zgroup":{"zarr_format":2},"#
      + #""sample_stats/chain/.zarray":\#(array("[2]", "[4]", "<i8")),"#
      + #""sample_stats/chain/.zattrs":{"_ARRAY_DIMENSIONS":["chain"]},"#
      + #""sample_stats/diverging/.zarray":\#(array("[2,50]", "[1,50]", "|b1")),"#
      + #""sample_stats/diverging/.zattrs":{"_ARRAY_DIMENSIONS":["chain","draw"]},"#
      + #""sample_stats/draw/.zarray":\#(array("[50]", "[100]", "<i8")),"#
      + #""sample_stats/draw/.zattrs":{"_ARRAY_DIMENSIONS":["draw"]}},"zarr_consolidated_format":1}"#
    let bytes = layout.metadata(extents: ["draw": ZarrExtent(chains: 2, draws: 50)])
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
    #expect(
      layout.initialFiles().map(\.path) == [
        ".zgroup", ".zattrs", "sample_stats/.zgroup", "sample_stats/.zattrs", "sample_stats/chain/0",
        "sample_stats/draw/0",
      ])
    #expect(layout.initialFiles().last?.bytes == littleEndianBytes(of: Array(0..<100)))
  }

  @Test func chunksArePaddedRowsInLittleEndian() throws {
    let store = try ExampleStore()
    let theta = try store.layout.chunk(group: "posterior", array: "theta")
    #expect(theta.path(chain: 3, segment: 12) == "posterior/theta/3.12.0")
    #expect(theta.byteCount == 50 * 3 * 8)
    let bytes = try theta.encoded([1.0, 2, -2])
    #expect(bytes.count == theta.byteCount)
    #expect(
      Array(bytes.prefix(25)) == [
        0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0,
      ])
    let x = try store.layout.chunk(group: "constant_data", array: "x")
    #expect(x.path() == "constant_data/x/0.0")
    #expect(throws: FormatError.self, "not a whole draw") { try theta.encoded([1.0, 2]) }
    #expect(throws: FormatError.self, "no draw") { try theta.encoded([Double]()) }
    #expect(throws: FormatError.self, "too many") { try theta.encoded([Double](repeating: 0, count: 153)) }
    #expect(throws: FormatError.self, "not all") { try x.encoded([1.0, 2]) }
    #expect(throws: FormatError.self, "another type") { try theta.encoded([1, 2, 3] as [Int]) }
    #expect(throws: FormatError.self, "no such array") { try store.layout.chunk(group: "posterior", array: "phi") }
  }

  @Test func layoutsTravelAndForeignOnesAreChecked() throws {
    let layout = try ExampleStore().layout
    let bytes = try JSONEncoder().encode(layout)
    #expect(try JSONDecoder().decode(ZarrLayout.self, from: bytes) == layout)
    let text = String(decoding: bytes, as: UTF8.self)
    let faults = [
      ("\"name\":\"theta\"", "\"name\":\"../../theta\""), ("\"name\":\"theta\"", "\"name\":\".zgroup\""),
      ("\"name\":\"theta\"", "\"name\":\"draw\""), ("\"name\":\"theta\"", "\"name\":\"sigma\""),
      ("\"counter\":\"warmup\"", "\"counter\":\"burnin\""),
      ("\"dimensions\":[\"theta_dim\"]", "\"dimensions\":[\"phi\"]"),
      ("\"chunkDraws\":50", "\"chunkDraws\":0"), ("\"chunkDraws\":50", "\"chunkDraws\":9223372036854775807"),
      ("\"draws\":120", "\"draws\":-1"), ("{\"_0\":3}", "{\"_0\":0}"), ("{\"_0\":3}", "{\"_0\":16777216}"),
    ]
    for (good, bad) in faults {
      #expect(text.contains(good), "\(good)")
      let altered = Data(text.replacing(good, with: bad).utf8)
      #expect(throws: FormatError.self, "\(bad)") { try JSONDecoder().decode(ZarrLayout.self, from: altered) }
    }
  }
}
