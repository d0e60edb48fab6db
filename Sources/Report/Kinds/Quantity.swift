import Store

/// A number that every draw has, and how it is shown.
package struct Quantity: Equatable {
  var name: String
  /// Group and array in the store of draws.
  var array: String
  /// Place in a draw of the array.
  var element = 0

  /// Held-out rows that are shown of many.
  private static let rowsShown = 3
  /// Bars of a chain's ranks.
  private static let bins = 20
  /// Chains that are shown of many.
  private static let chainsMax = 16

  /// The noise, the log density, and the predictions of a few held-out rows, as far as the store has them.
  static func chosen(from reader: ZarrReader) throws(StoreError) -> [Quantity] {
    var quantities = [
      Quantity(name: "noise", array: "posterior/sigma"), Quantity(name: "log density", array: "sample_stats/lp"),
    ]
    let rows = try reader.coordinates("predictions/held_out") ?? []
    let shown =
      rows.count <= rowsShown
      ? rows.indices.map { $0 } : (0..<rowsShown).map { $0 * (rows.count - 1) / (rowsShown - 1) }
    quantities += shown.map { Quantity(name: "prediction of row \(rows[$0])", array: "predictions/mean", element: $0) }
    return quantities
  }

  /// Its trace and its ranks; none without draws, or where all draws are the same.
  func charts(_ reader: ZarrReader) throws(StoreError) -> [Chart] {
    guard let all = try reader.draws(array, element: element), let first = all.first?.first,
      all.contains(where: { $0.contains { $0 != first } })
    else { return [] }
    return [trace(all), Self.ranks(of: all, name: name)].compactMap { $0 }
  }

  private func trace(_ chains: [[Double]]) -> Chart {
    let shown = chains.prefix(Self.chainsMax)
    let marks = shown.enumerated().map { number, draws in
      let points = draws.enumerated().map { Chart.Point(Double($0), $1) }
      let isNamed = shown.count <= Chart.Ink.count
      return Chart.Mark(.line(Chart.thinned(points)), .series(number), isNamed ? "chain \(number)" : nil, .thin)
    }
    return Chart(
      title: "Trace: \(name)", x: Axis("draw", over: 0...Double(max(chains[0].count - 1, 1))),
      y: Axis("", covering: shown.flatMap { $0 }), marks: marks)
  }

  /// Histograms of each chain's ranks among all draws, one above the other; nil for too few draws.
  static func ranks(of chains: [[Double]], name: String) -> Chart? {
    let counts = rankCounts(of: chains, bins: bins)
    guard let length = chains.first?.count, length >= 2 * bins, let highest = counts.joined().max() else { return nil }
    let shown = counts.prefix(chainsMax)
    let scale = 0.85 / Double(max(highest, 1))
    let total = Double(chains.count * length)
    let even = Double(length) / Double(bins) * scale
    let marks = shown.enumerated().flatMap { chain, counts -> [Chart.Mark] in
      let base = Double(chain) - 0.4
      let boxes = counts.enumerated().map { bin, count in
        let edges = [bin, bin + 1].map { Double($0) * total / Double(bins) }
        return Chart.Box(
          from: Chart.Point(edges[0], base), to: Chart.Point(edges[1], base + Double(count) * scale),
          title: "chain \(chain): \(count) draws")
      }
      let level = [Chart.Point(0, base + even), Chart.Point(total, base + even)]
      return [
        Chart.Mark(.boxes(boxes), .series(chain)),
        Chart.Mark(.line(level), .reference, chain == 0 ? "equal shares" : nil, .dashed),
      ]
    }
    return Chart(
      title: "Ranks: \(name)", x: Axis("rank among all draws", over: 0...total),
      y: Axis("", names: shown.indices.map { "chain \($0)" }), marks: marks,
      height: max(220, Double(shown.count) * 26 + 60))
  }

  /// How many draws of each chain have ranks in each of some equal parts of all ranks; equal draws share their mean rank.
  package static func rankCounts(of chains: [[Double]], bins: Int) -> [[Int]] {
    let order = chains.enumerated().flatMap { chain, draws in draws.map { (value: $0, chain: chain) } }
      .filter { $0.value.isFinite }.sorted { $0.value < $1.value }
    var counts = Array(repeating: Array(repeating: 0, count: bins), count: chains.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, order[end].value == order[start].value { end += 1 }
      // The middle of the places from `start` to `end`, in halves.
      let bin = min((start + end) * bins / (2 * order.count), bins - 1)
      for place in start..<end { counts[order[place].chain][bin] += 1 }
      start = end
    }
    return counts
  }
}
