/// A length of time as people write it: `90s`, `55m`, `2h`, `1h30m`, `1.5h`, or a plain number of seconds.
public struct TimeSpan: Equatable, Sendable {
  public let seconds: Double

  public init(seconds: Double) { self.seconds = seconds }

  /// Reads a length of time; nil unless every number has a unit (`d`, `h`, `m`, `s`), largest first, or it is one number.
  public init?(_ text: String) {
    if let seconds = Self.number(Substring(text)) {
      self.init(seconds: seconds)
      return
    }
    let units: [(name: Character, seconds: Double)] = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
    var (rest, sum, last) = (Substring(text), 0.0, Double.infinity)
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let number = Self.number(digits), let unit = units.first(where: { $0.name == rest.first }),
        unit.seconds < last
      else { return nil }
      (sum, last, rest) = (sum + number * unit.seconds, unit.seconds, rest.dropFirst())
    }
    guard last < .infinity else { return nil }
    self.init(seconds: sum)
  }

  private static func number(_ text: Substring) -> Double? {
    guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }) else { return nil }
    return Double(text).flatMap { $0.isFinite && $0 < 1e9 ? $0 : nil }
  }
}
