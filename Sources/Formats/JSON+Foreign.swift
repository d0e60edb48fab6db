extension JSON {
  /// Checks what bytes from elsewhere must be before they may meet Foundation's `JSONDecoder`.
  ///
  /// That decoder (Swift 6.3) traps on a text that ends at its 513th level of nesting, so nesting is bounded here. It also
  /// guesses UTF-16 and UTF-32 from zero bytes and byte order marks, in which levels could hide; JSON in UTF-8 has neither.
  /// Throws `FormatError.Code.json`.
  public static func checkForeign(_ bytes: [UInt8], depthMax: Int = 32) throws(FormatError) {
    var depth = 0
    var (isText, isEscaped) = (false, false)
    for byte in bytes {
      switch byte {
      case 0, 0xfe, 0xff: throw FormatError(.json, "not JSON in UTF-8")
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\"): isEscaped = isText
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        if !isText { depth += 1 }
        if depth > depthMax { throw FormatError(.json, "JSON nested deeper than \(depthMax) levels") }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if !isText { depth -= 1 }
      default: break
      }
    }
  }
}
