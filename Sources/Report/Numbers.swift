import Foundation

/// Numbers as people read them: a true minus sign, `–` where there is no number.
package enum Numbers {
  /// With so many digits after the point.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard abs(value) < 1e15 else { return rounded(value) }
    return signed(String(format: "%.\(digits)f", value))
  }

  /// With so many digits that count.
  package static func rounded(_ value: Double, _ digits: Int = 3) -> String {
    guard value.isFinite else { return value.isNaN ? "–" : value > 0 ? "∞" : "−∞" }
    guard value != 0 else { return "0" }
    let exponent = Int(floor(log10(abs(value))))
    guard (-4...6).contains(exponent) else { return scientific(value, digits) }
    return signed(String(format: "%.\(max(0, digits - 1 - exponent))f", value))
  }

  /// A setting as it may have been written: whole numbers without a point.
  package static func setting(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? fixed(value, 0) : rounded(value)
  }

  /// A share in per cent.
  package static func percent(_ share: Double, _ digits: Int = 1) -> String {
    share.isFinite ? fixed(share * 100, digits) + "\u{a0}%" : "–"
  }

  /// A number with its standard error, both to the digits that the error leaves; without an error, three digits.
  package static func measured(_ value: Double, error: Double) -> String {
    guard value.isFinite, error.isFinite, error > 0 else { return rounded(value) }
    let digits = min(max(0, 1 - Int(floor(log10(error)))), 9)
    return fixed(value, digits) + "\u{a0}±\u{a0}" + fixed(error, digits)
  }

  /// A count, its digits in groups of three.
  package static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "−" : ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { text.append("\u{202f}") }
      text.append(digit)
    }
    return text
  }

  /// A number as mantissa and power of ten.
  package static func scientific(_ value: Double, _ digits: Int) -> String {
    let parts = String(format: "%.\(max(digits - 1, 0))e", value).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(value)" }
    return signed(String(parts[0])) + "·10" + String(String(exponent).compactMap { superscripts[$0] })
  }

  private static let superscripts = Dictionary(uniqueKeysWithValues: zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))

  private static func signed(_ text: String) -> String {
    guard text.hasPrefix("-") else { return text }
    return text.contains { ("1"..."9").contains($0) } ? "−" + text.dropFirst() : String(text.dropFirst())
  }
}
