/// An amount of memory or disk, as people write it: `4096`, `512MiB`, `8GiB`.
public struct ByteCount: Equatable, Sendable, LosslessStringConvertible {
  public let bytes: Int

  public init(bytes: Int) { self.bytes = bytes }

  /// Reads a whole number, with or without one of the units KiB, MiB, GiB and TiB; nil for anything else.
  public init?(_ description: String) {
    let digits = description.prefix { ("0"..."9").contains($0) }
    let unit = description.dropFirst(digits.count).drop { $0 == " " }
    guard let number = Int(digits), let factor = Self.factor(unit) else { return nil }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: factor)
    guard !overflows else { return nil }
    self.bytes = bytes
  }

  /// In the largest unit that divides it.
  public var description: String {
    for (unit, factor) in Self.units.reversed() where bytes > 0 && bytes.isMultiple(of: factor) {
      return "\(bytes / factor)\(unit)"
    }
    return "\(bytes)"
  }

  /// With at most one digit after the point, in a unit that keeps it short.
  public var rounded: String {
    let names = ["bytes"] + Self.units.map(\.0)
    var (value, name) = (Double(bytes), 0)
    while value >= 1024, name < names.count - 1 { (value, name) = (value / 1024, name + 1) }
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) \(names[name])" : "\(tenths) \(names[name])"
  }

  private static let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)]

  private static func factor(_ unit: Substring) -> Int? {
    unit.isEmpty ? 1 : units.first { $0.0 == unit }?.1
  }
}
