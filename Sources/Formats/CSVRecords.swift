/// The records of a delimited text, one at a time, each with the line it begins on.
struct CSVRecords {
  struct Record {
    let line: Int
    let fields: [String]
  }

  private let bytes: [UInt8]
  private let file: String
  private let delimiter: CSVTable.Delimiter
  private var offset: Int
  private var line = 1

  init(bytes: [UInt8], file: String, delimiter: CSVTable.Delimiter?) {
    self.bytes = bytes
    self.file = file
    offset = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    let text = bytes[offset...].drop { Self.isBlank($0) || Self.isBreak($0) }
    let firstLine = text.prefix { !Self.isBreak($0) }
    self.delimiter = delimiter ?? (firstLine.contains(UInt8(ascii: ",")) ? .comma : .blanks)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }

  private var upcoming: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// The next record that is not blank, or nil at the end.
  mutating func next() throws(FormatError) -> Record? {
    skipBlankLines()
    guard upcoming != nil else { return nil }
    let start = line
    var fields: [String] = []
    repeat { fields.append(try field()) } while skipDelimiter()
    skipBreak()
    return Record(line: start, fields: fields)
  }

  private mutating func skipBlankLines() {
    while true {
      let lineStart = offset
      skipBlanks()
      guard let byte = upcoming, Self.isBreak(byte) else {
        // What is left of a file that ends in blanks is no record, but leading blanks belong to one.
        if upcoming != nil { offset = lineStart }
        return
      }
      skipBreak()
    }
  }

  private mutating func skipBlanks() {
    while let byte = upcoming, Self.isBlank(byte) { offset += 1 }
  }

  private mutating func skipBreak() {
    if upcoming == 0x0d { offset += 1 }
    if upcoming == 0x0a { offset += 1 }
    line += 1
  }

  /// Whether another field follows on this line.
  private mutating func skipDelimiter() -> Bool {
    if delimiter == .blanks {
      skipBlanks()
      return upcoming.map { !Self.isBreak($0) } ?? false
    }
    guard upcoming == UInt8(ascii: ",") else { return false }
    offset += 1
    return true
  }

  private mutating func field() throws(FormatError) -> String {
    skipBlanks()
    if upcoming == UInt8(ascii: "\"") { return try quotedField() }
    let start = offset
    while let byte = upcoming, !Self.isBreak(byte), !endsField(byte) { offset += 1 }
    var end = offset
    while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private func endsField(_ byte: UInt8) -> Bool {
    delimiter == .comma ? byte == UInt8(ascii: ",") : Self.isBlank(byte)
  }

  /// A field in quotes, in which two quotes stand for one.
  private mutating func quotedField() throws(FormatError) -> String {
    let start = line
    var text: [UInt8] = []
    offset += 1
    while let byte = upcoming {
      offset += 1
      if byte == 0x0a { line += 1 }
      guard byte == UInt8(ascii: "\"") else {
        text.append(byte)
        continue
      }
      guard upcoming == UInt8(ascii: "\"") else {
        try checkAfterQuote()
        return String(decoding: text, as: UTF8.self)
      }
      text.append(byte)
      offset += 1
    }
    throw FormatError(.table, "\(file):\(start): a quote is never closed")
  }

  private mutating func checkAfterQuote() throws(FormatError) {
    if delimiter == .comma { skipBlanks() }
    guard let byte = upcoming, !Self.isBreak(byte), !endsField(byte) else { return }
    throw FormatError(.table, "\(file):\(line): text follows a closing quote; write two quotes for one inside a field")
  }
}
