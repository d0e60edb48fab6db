import Foundation

/// A direction of a chart: which values it shows, where they lie, and at which of them stands a number.
package struct Axis: Equatable, Sendable {
  /// How values become places.
  package enum Scale: Equatable, Sendable { case linear, logarithmic, squareRoot }

  /// How values are written.
  package enum Unit: Equatable, Sendable { case plain, percent }

  /// A value with its text.
  package struct Tick: Equatable, Sendable {
    package let value: Double
    package let label: String
  }

  let label: String
  let scale: Scale
  package let range: ClosedRange<Double>
  package let ticks: [Tick]

  /// Numbers of an axis, as many as can be read.
  private static let ticksWanted = 5

  /// An even axis from one end to the other.
  package init(_ label: String, over range: ClosedRange<Double>, unit: Unit = .plain) {
    let range = Self.usable([range.lowerBound, range.upperBound])
    let step = Self.step(of: range)
    (self.label, scale, self.range) = (label, .linear, range)
    ticks = Self.multiples(of: step, in: range).map { Tick(value: $0, label: Self.text($0, step: step, unit)) }
  }

  /// An axis that shows all of these values and ends at round numbers; what is not finite is not shown, nor what a logarithm
  /// does not have.
  package init(
    _ label: String, covering values: [Double], scale: Scale = .linear, unit: Unit = .plain, fromZero: Bool = false
  ) {
    (self.label, self.scale) = (label, scale)
    switch scale {
    case .linear:
      let all = Self.usable(values + (fromZero ? [0] : []))
      let step = Self.step(of: all)
      range = (all.lowerBound / step).rounded(.down) * step...(all.upperBound / step).rounded(.up) * step
      ticks = Self.multiples(of: step, in: range).map { Tick(value: $0, label: Self.text($0, step: step, unit)) }
    case .logarithmic:
      let ladder = RoundNumbers(covering: values.filter { $0 > 0 && $0.isFinite })
      range = ladder.range
      ticks = ladder.ticks(Self.ticksWanted + 2).map { Tick(value: $0, label: Self.text($0, step: $0, unit)) }
    case .squareRoot:
      let largest = values.filter(\.isFinite).max() ?? 1
      let ladder = RoundNumbers(covering: [largest > 0 ? largest : 1])
      range = 0...ladder.range.upperBound
      ticks = ladder.ticksBelow(distance: 0.15).map { Tick(value: $0, label: Self.text($0, step: max($0, 1e-9), unit)) }
    }
  }

  /// An axis of names, at 0, 1, 2, …; long ones are cut.
  package init(_ label: String, names: [String]) {
    (self.label, scale, range) = (label, .linear, -0.5...Double(max(names.count, 1)) - 0.5)
    ticks = names.enumerated().map { Tick(value: Double($0), label: $1.count > 16 ? $1.prefix(15) + "…" : $1) }
  }

  /// Where a value lies, 0…1 from the lower to the upper end; nil if it is no place.
  package func position(of value: Double) -> Double? {
    let (low, high) = (transformed(range.lowerBound), transformed(range.upperBound))
    let place = (transformed(value) - low) / (high - low)
    return place.isFinite ? min(max(place, 0), 1) : nil
  }

  private func transformed(_ value: Double) -> Double {
    switch scale {
    case .linear: value
    case .logarithmic: log10(value)
    case .squareRoot: max(value, 0).squareRoot()
    }
  }
}

extension Axis {
  /// The finite values' range; never empty, and never so narrow that numbers along it could not be told apart.
  private static func usable(_ values: [Double]) -> ClosedRange<Double> {
    let values = values.filter { abs($0) < 1e100 }.map { abs($0) < 1e-100 ? 0 : $0 }
    guard let low = values.min(), let high = values.max() else { return 0...1 }
    let size = max(abs(low), abs(high))
    if high - low > size * 1e-9 { return low...high }
    if size == 0 { return 0...1 }
    return low - size * 0.05...high + size * 0.05
  }

  /// 1, 2 or 5 times a power of ten.
  private static func step(of range: ClosedRange<Double>) -> Double {
    let rough = (range.upperBound - range.lowerBound) / Double(ticksWanted)
    let power = pow(10, floor(log10(rough)))
    return [1, 2, 5].map { $0 * power }.first { $0 >= rough * 0.99 } ?? 10 * power
  }

  private static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    let first = (range.lowerBound / step - 1e-6).rounded(.up)
    let last = (range.upperBound / step + 1e-6).rounded(.down)
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// A value with as many digits as tell it from its neighbours, one step away.
  private static func text(_ value: Double, step: Double, _ unit: Unit) -> String {
    let factor: Double = unit == .percent ? 100 : 1
    let (value, step) = (value * factor, step * factor)
    let decimals = max(0, -Int(floor(log10(step) + 1e-9)))
    let suffix = unit == .percent ? "\u{a0}%" : ""
    if value == 0 { return "0" + suffix }
    guard abs(value) < 1e6, decimals <= 5 else {
      return Numbers.scientific(value, Int(ceil(log10(abs(value) / step) - 1e-9)) + 1) + suffix
    }
    return Numbers.fixed(value, decimals) + suffix
  }
}

/// 1, 2 and 5 times the powers of ten, as far as some positive values reach.
private struct RoundNumbers {
  private let steps: ClosedRange<Int>

  init(covering values: [Double]) {
    let low = min(max(values.min() ?? 1, 1e-100), 1e100)
    let high = min(max(values.max() ?? 10, low), 1e100)
    let first = Int((3 * log10(low)).rounded(.down)) - 2
    let below = (first...first + 4).last { Self.value($0) <= low * (1 + 1e-9) } ?? first
    let start = Int((3 * log10(high)).rounded(.up)) - 2
    let above = (start...start + 4).first { Self.value($0) >= high * (1 - 1e-9) } ?? start + 4
    steps = below...max(above, below + 1)
  }

  var range: ClosedRange<Double> { Self.value(steps.lowerBound)...Self.value(steps.upperBound) }

  /// All of them, or where they are more than can be read powers of ten alone, evenly.
  func ticks(_ countMax: Int) -> [Double] {
    guard steps.count > countMax else { return steps.map(Self.value) }
    let powers = steps.filter { $0.isMultiple(of: 3) }
    let stride = (powers.count + countMax - 1) / countMax
    return powers.filter { ($0 / 3).isMultiple(of: stride) }.map(Self.value)
  }

  /// From the upper end down to 0, so far apart on a scale of square roots.
  func ticksBelow(distance: Double) -> [Double] {
    let end = range.upperBound
    var chosen = [1.0]
    for step in 0..<30 {
      let share = Self.value(steps.upperBound - step) / end
      let place = share.squareRoot()
      if (chosen.last ?? 1).squareRoot() - place >= distance, place >= distance { chosen.append(share) }
    }
    return [0] + chosen.reversed().map { $0 * end }
  }

  private static func value(_ step: Int) -> Double {
    let power = step >= 0 ? step / 3 : (step - 2) / 3
    return [1, 2, 5][step - 3 * power] * pow(10, Double(power))
  }
}
