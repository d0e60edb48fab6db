import Foundation
import Report
import Testing

struct AxisTests {
  @Test func ticksOfAnEvenAxisAreRoundNumbersAtTheirPlaces() throws {
    let axis = Axis("", covering: [0.13, 0.88])
    #expect(axis.ticks.map(\.label) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(axis.range == 0...1)
    for tick in axis.ticks {
      let place = try #require(axis.position(of: tick.value))
      #expect(abs(place - (try #require(Double(tick.label)))) < 1e-12)
    }
    #expect(axis.position(of: 0.5) == 0.5)
  }

  @Test func ticksSayTheValueTheyStandAt() throws {
    let percent = Axis("", over: 0...1, unit: .percent)
    #expect(
      percent.ticks.map(\.label) == ["0\u{a0}%", "20\u{a0}%", "40\u{a0}%", "60\u{a0}%", "80\u{a0}%", "100\u{a0}%"])
    let negative = Axis("", covering: [-31, 12])
    #expect(negative.ticks.map(\.label) == ["−40", "−30", "−20", "−10", "0", "10", "20"])
    // Neighbours that differ late are told apart.
    let narrow = Axis("", covering: [1_234_567.1, 1_234_567.4])
    #expect(Set(narrow.ticks.map(\.label)).count == narrow.ticks.count)
  }

  @Test func aLogarithmicAxisIsEvenInPowers() throws {
    let axis = Axis("", covering: [0.012, 30], scale: .logarithmic)
    #expect(axis.range == 0.01...50)
    let places = try [0.01, 0.1, 1, 10].map { try #require(axis.position(of: $0)) }
    for (one, next) in zip(places, places.dropFirst()) { #expect(abs(next - one - places[1]) < 1e-12) }
    #expect(Set(axis.ticks.map(\.label)).isSuperset(of: ["0.1", "1", "10"]))
    #expect(axis.position(of: 0) == nil)
    #expect(axis.position(of: -1) == nil)
  }

  @Test func anAxisOfSquareRootsBeginsAtZero() throws {
    let axis = Axis("", covering: [0.9], scale: .squareRoot, unit: .percent)
    #expect(axis.range == 0...1)
    #expect(axis.position(of: 0.25) == 0.5)
    #expect(axis.ticks.first?.label == "0\u{a0}%")
    #expect(axis.ticks.last?.label == "100\u{a0}%")
    let places = axis.ticks.compactMap { axis.position(of: $0.value) }
    for (one, next) in zip(places, places.dropFirst()) { #expect(next - one > 0.1) }
  }

  /// Whatever a file holds, there is an axis: of some length, with ticks within it.
  @Test(
    arguments: [
      [], [.nan], [.infinity, -.infinity], [0], [3], [-4e-300], [1e308, -1e308], [5, 5 + 1e-12], [1e-306, 1e-300],
      [1e99, 1],
    ] as [[Double]])
  func anyValuesHaveAnAxis(values: [Double]) {
    for scale in [Axis.Scale.linear, .logarithmic, .squareRoot] {
      let axis = Axis("", covering: values, scale: scale)
      #expect(axis.range.upperBound > axis.range.lowerBound)
      #expect((1...40).contains(axis.ticks.count), "\(axis.ticks.map(\.label))")
      for tick in axis.ticks { #expect(axis.position(of: tick.value) != nil) }
    }
  }
}

struct ChartTests {
  @Test func marksLieWhereTheirValuesAre() throws {
    let chart = Chart(
      title: "a < b", x: Axis("", over: 0...10), y: Axis("", over: 0...4),
      marks: [
        Chart.Mark(
          .line([Chart.Point(0, 0), Chart.Point(5, 2), Chart.Point(6, .nan), Chart.Point(10, 4)]), .series(0)),
        Chart.Mark(.boxes([Chart.Box(from: Chart.Point(0, 0), to: Chart.Point(5, 2), title: nil)]), .series(1)),
      ])
    let drawing = try Elements(chart.figure.source)
    #expect(drawing.texts("title") == ["a < b"])
    let line = try #require(drawing.attributes("path").first { $0["class"] == "line k0" }?["d"])
    // The plot is 360 − 18 − left wide, 220 − 8 − 20 high; left leaves room for labels of one digit.
    let left = 10 + 6.2
    let middle = (left + 342) / 2
    #expect(line == "M16.2 200L\(tenths(middle)) 104M342 8")
    let box = try #require(drawing.attributes("rect").first)
    #expect(box["x"] == "16.2" && box["y"] == "104" && box["height"] == "96")
    #expect(box["width"] == tenths(middle - left))
  }

  private func tenths(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  @Test func aLongLineKeepsItsExtremes() {
    let points = (0..<10_000).map { Chart.Point(Double($0), $0 == 7_777 ? 100 : sin(Double($0))) }
    let thinned = Chart.thinned(points)
    #expect(thinned.count == 600)
    #expect(thinned.contains(Chart.Point(7_777, 100)))
    #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x <= $1.x })
  }

  @Test func ranksAreSharedEvenlyByEqualChainsAndApartByOthers() {
    let same = Quantity.rankCounts(of: [[1, 3, 5, 7], [2, 4, 6, 8]], bins: 2)
    #expect(same == [[2, 2], [2, 2]])
    let apart = Quantity.rankCounts(of: [[1, 2, 3, 4], [5, 6, 7, 8]], bins: 2)
    #expect(apart == [[4, 0], [0, 4]])
    // Equal draws have one rank, that in their middle.
    #expect(Quantity.rankCounts(of: [[1, 1], [1, 1]], bins: 3) == [[0, 2, 0], [0, 2, 0]])
  }
}

struct NumbersTests {
  @Test func numbersAreWrittenForPeople() {
    #expect(Numbers.rounded(0.012345) == "0.0123")
    #expect(Numbers.rounded(-1234.6) == "−1235")
    #expect(Numbers.rounded(1.5e-9) == "1.50·10⁻⁹")
    #expect(Numbers.rounded(.nan) == "–")
    #expect(Numbers.fixed(-0.0001, 2) == "0.00")
    #expect(Numbers.measured(0.9876, error: 0.0432) == "0.988\u{a0}±\u{a0}0.043")
    #expect(Numbers.count(61706) == "61\u{202f}706")
    #expect(Numbers.percent(0.1234) == "12.3\u{a0}%")
  }
}
