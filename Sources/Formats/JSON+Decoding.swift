extension JSON {
  /// Reads one JSON value (RFC 8259), strictly: no repeated keys, no trailing bytes, valid UTF-8, bounded nesting.
  ///
  /// Throws `FormatError.Code.json` naming the offset.
  public init(bytes: some Collection<UInt8>, depthMax: Int = 64) throws(FormatError) {
    var parser = JSONParser(bytes: Array(bytes), depthMax: depthMax)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  let depthMax: Int
  var offset = 0
  var depth = 0

  init(bytes: [UInt8], depthMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
  }

  var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func error(_ problem: String) -> FormatError {
    FormatError(.json, "not valid JSON at byte \(offset): \(problem)")
  }

  mutating func document() throws(FormatError) -> JSON {
    let value = try value()
    skipSpace()
    guard offset == bytes.count else { throw error("bytes follow the value") }
    return value
  }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
  }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: scalar) else { return false }
    offset += 1
    return true
  }

  mutating func value() throws(FormatError) -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  mutating func word(_ word: String, _ value: JSON) throws(FormatError) -> JSON {
    guard bytes[offset...].starts(with: word.utf8) else { throw error("unknown word") }
    offset += word.utf8.count
    return value
  }

  mutating func object() throws(FormatError) -> [String: JSON] {
    try enter()
    var members: [String: JSON] = [:]
    skipSpace()
    if skip("}") {
      depth -= 1
      return members
    }
    repeat {
      skipSpace()
      let key = try string()
      skipSpace()
      guard skip(":") else { throw error("a colon is missing") }
      guard members.updateValue(try value(), forKey: key) == nil else { throw error("a key is given twice") }
      skipSpace()
    } while skip(",")
    try leave("}")
    return members
  }

  mutating func array() throws(FormatError) -> [JSON] {
    try enter()
    var elements: [JSON] = []
    skipSpace()
    if skip("]") {
      depth -= 1
      return elements
    }
    repeat {
      elements.append(try value())
      skipSpace()
    } while skip(",")
    try leave("]")
    return elements
  }

  mutating func enter() throws(FormatError) {
    offset += 1
    depth += 1
    guard depth <= depthMax else { throw error("nested deeper than \(depthMax) levels") }
  }

  mutating func leave(_ close: Unicode.Scalar) throws(FormatError) {
    guard skip(close) else { throw error("expected a comma or \(close)") }
    depth -= 1
  }

  mutating func number() throws(FormatError) -> JSON {
    let start = offset
    _ = skip("-")
    let isZero = next == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(isZero && whole > 1) else { throw error("expected a value") }
    var isInteger = true
    if skip(".") {
      isInteger = false
      guard digits() > 0 else { throw error("digits are missing after the point") }
    }
    if skip("e") || skip("E") {
      isInteger = false
      if !skip("+") { _ = skip("-") }
      guard digits() > 0 else { throw error("digits are missing in the exponent") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw error("the number is too large") }
    return .number(value)
  }

  mutating func digits() -> Int {
    let start = offset
    while let byte = next, (48...57).contains(byte) { offset += 1 }
    return offset - start
  }
}

extension JSONParser {
  fileprivate mutating func string() throws(FormatError) -> String {
    guard skip("\"") else { throw error("expected a string") }
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("a control character in a string") }
      offset += 1
      if byte == UInt8(ascii: "\\") { text += Array(String(try escape()).utf8) } else { text.append(byte) }
    }
    guard skip("\"") else { throw error("a string does not end") }
    guard let string = String(validating: text, as: UTF8.self) else { throw error("a string is not UTF-8") }
    return string
  }

  private mutating func escape() throws(FormatError) -> Unicode.Scalar {
    guard let byte = next else { throw error("a string does not end") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error("an unknown escape")
    }
  }

  /// Four hexadecimal digits, or twice four for a surrogate pair.
  private mutating func unicodeEscape() throws(FormatError) -> Unicode.Scalar {
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard unit < 0xdc00, skip("\\"), skip("u") else { throw error("half a surrogate pair") }
    let low = try hexadecimal()
    guard (0xdc00...0xdfff).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    else { throw error("half a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(FormatError) -> UInt32 {
    guard bytes.count - offset >= 4 else { throw error("a string does not end") }
    var value: UInt32 = 0
    for byte in bytes[offset..<offset + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw error("not a hexadecimal digit") }
      value = value << 4 | UInt32(digit)
    }
    offset += 4
    return value
  }
}
