import Store
import Testing

@Suite struct ZarrExtentTests {
  @Test func theLargestRectangleHoldsNoGap() {
    #expect(ZarrExtent.largest(committed: []) == .empty)
    #expect(ZarrExtent.largest(committed: [0, 50, 50]) == .empty)
    #expect(ZarrExtent.largest(committed: [100, 50, 50, 0]) == ZarrExtent(chains: 3, draws: 50))
    #expect(ZarrExtent.largest(committed: [500, 100]) == ZarrExtent(chains: 1, draws: 500))
    #expect(ZarrExtent.largest(committed: [100, 50]) == ZarrExtent(chains: 2, draws: 50), "ties show more chains")
    #expect(ZarrExtent.largest(committed: [.max, .max, -3]) == ZarrExtent(chains: 2, draws: .max))
  }

  /// All sequences of four chains with up to five draws, against the definition.
  @Test func noOtherRectangleIsLarger() {
    for code in 0..<1296 {
      let committed = [code % 6, code / 6 % 6, code / 36 % 6, code / 216]
      let extent = ZarrExtent.largest(committed: committed)
      #expect(committed.prefix(extent.chains).allSatisfy { $0 >= extent.draws })
      for chains in 1...4 {
        let draws = committed.prefix(chains).min() ?? 0
        #expect(chains * draws <= extent.chains * extent.draws)
        if chains > extent.chains { #expect(chains * draws < extent.chains * extent.draws || draws == 0) }
      }
    }
  }
}
