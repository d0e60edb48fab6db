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

/// A number of bytes as people write it: `200GiB`, `1.5TiB`, `500MB`, or a plain number of bytes.
public struct ByteCount: Equatable, CustomStringConvertible, Sendable {
  public let bytes: Int

  public init(bytes: Int) { self.bytes = bytes }

  /// Reads a number of bytes; nil unless it is a number with one of the units, or without.
  public init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    guard let number = Double(digits), let unit = Self.units[text.dropFirst(digits.count).lowercased()],
      number * unit < 9e18
    else { return nil }
    bytes = Int(number * unit)
  }

  private static let units: [String: Double] = [
    "": 1, "b": 1, "kib": 1024, "mib": 0x1p20, "gib": 0x1p30, "tib": 0x1p40, "pib": 0x1p50, "kb": 1e3, "mb": 1e6,
    "gb": 1e9, "tb": 1e12, "pb": 1e15,
  ]

  public var description: String {
    let names = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var (value, name) = (Double(bytes), 0)
    while value >= 1024, name < names.count - 1 { (value, name) = (value / 1024, name + 1) }
    let tenths = (value * 10).rounded() / 10
    return name == 0 || tenths == tenths.rounded() ? "\(Int(tenths)) \(names[name])" : "\(tenths) \(names[name])"
  }
}
