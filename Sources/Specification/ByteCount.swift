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
