/// How much of a growing group readers see: the first `chains` chains and of each the first `draws` draws.
public struct ZarrExtent: Codable, Equatable, Sendable {
  /// Number of chains.
  public let chains: Int
  /// Number of draws of each chain.
  public let draws: Int

  /// Nothing yet.
  public static let empty = ZarrExtent(chains: 0, draws: 0)

  /// Creates an extent; without chains or without draws it is empty.
  public init(chains: Int, draws: Int) {
    let isEmpty = chains <= 0 || draws <= 0
    self.chains = isEmpty ? 0 : chains
    self.draws = isEmpty ? 0 : draws
  }

  /// The extent of most draws among those that hold no gap, given the committed draws of chain 0, 1, 2, …; of equal ones
  /// that of most chains.
  public static func largest(committed: [Int]) -> ZarrExtent {
    var best = ZarrExtent.empty
    var draws = Int.max
    for (chain, count) in committed.enumerated() {
      draws = min(draws, count)
      let extent = ZarrExtent(chains: chain + 1, draws: draws)
      if extent.area >= best.area, extent != .empty { best = extent }
    }
    return best
  }

  private var area: Int {
    let (product, overflow) = chains.multipliedReportingOverflow(by: draws)
    return overflow ? Int.max : product
  }
}
