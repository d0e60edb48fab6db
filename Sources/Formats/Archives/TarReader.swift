extension FileBundle {
  /// Reads a tar archive, with or without gzip: ustar, pax and GNU's long names. What is no regular file is left out.
  ///
  /// Throws `FormatError.Code.archive`: no archive, damaged or cut off.
  public init(tar bytes: [UInt8], file: String) throws(FormatError) {
    let bytes = try gunzippedIfNeeded(bytes, file: file)
    var reader = TarReader(bytes: bytes, file: file)
    self.init()
    while let entry = try reader.next() { add(entry.name, bytes[entry.range]) }
  }
}

/// The regular files of a tar archive, one at a time.
struct TarReader {
  struct Entry {
    let name: String
    let range: Range<Int>
  }

  let bytes: [UInt8]
  let file: String
  private var offset = 0

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  private func error(_ problem: String) -> FormatError {
    FormatError(.archive, "\(oneLine(file, limit: 200)): \(problem)")
  }

  /// The next file, or nil at the end.
  mutating func next() throws(FormatError) -> Entry? {
    var longName: String?
    var longSize: Int?
    while let header = try header() {
      let isMeta = ["x", "g", "L", "K"].contains(header.type)
      let size = isMeta ? header.size : longSize ?? header.size
      guard size >= 0, size <= bytes.count - offset else {
        throw error("it ends within \(shown(longName ?? header.name)); the archive is cut off")
      }
      let range = offset..<offset + size
      offset = min(offset + (size + FileBundle.block - 1) / FileBundle.block * FileBundle.block, bytes.count)
      switch header.type {
      case "x":
        let records = try paxRecords(bytes[range])
        longName = records["path"] ?? longName
        if let text = records["size"] {
          guard let size = Int(text), size >= 0 else { throw error("a pax header gives the size \(shown(text))") }
          longSize = size
        }
      case "L": longName = String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self)
      case "g", "K": break
      case "0", "\u{0}", "7": return Entry(name: try cleaned(longName ?? header.name), range: range)
      default: (longName, longSize) = (nil, nil)
      }
    }
    return nil
  }

  private func cleaned(_ name: String) throws(FormatError) -> String {
    let parts = name.split(separator: "/").filter { $0 != "." }
    guard !parts.isEmpty, !name.utf8.contains(0) else { throw error("a file has the name \(shown(name))") }
    return parts.joined(separator: "/")
  }

  private mutating func header() throws(FormatError) -> (name: String, size: Int, type: Unicode.Scalar)? {
    guard offset < bytes.count else { throw error("it ends without the mark of its end; it is cut off") }
    guard bytes.count - offset >= FileBundle.block else { throw error("it ends within a header; it is cut off") }
    let header = bytes[offset..<offset + FileBundle.block]
    guard header.contains(where: { $0 != 0 }) else { return nil }
    let field = { (start: Int, count: Int) in header[header.startIndex + start..<header.startIndex + start + count] }
    let blanks = (0..<8).reduce(0) { $0 + Int(field(148, 8)[header.startIndex + 148 + $1]) }
    let sum = header.reduce(0) { $0 + Int($1) } - blanks + 8 * 0x20
    guard number(field(148, 8)) == sum, let size = number(field(124, 12)) else {
      throw error("byte \(offset) begins no header of a tar archive; it is damaged or no archive")
    }
    let text = { (slice: ArraySlice<UInt8>) in String(decoding: slice.prefix { $0 != 0 }, as: UTF8.self) }
    let hasPrefix = field(257, 6).elementsEqual("ustar\u{0}".utf8) && field(345, 1).first != 0
    let name = (hasPrefix ? text(field(345, 155)) + "/" : "") + text(field(0, 100))
    offset += FileBundle.block
    return (name, size, Unicode.Scalar(field(156, 1).first ?? 0))
  }

  /// Octal digits, or the big-endian number that follows a high bit (GNU).
  private func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      let number = field.dropFirst().reduce(UInt64(first & 0x3f)) { $0 >> 48 == 0 ? $0 << 8 | UInt64($1) : .max }
      return Int(exactly: number)
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
  }

  private func paxRecords(_ header: ArraySlice<UInt8>) throws(FormatError) -> [String: String] {
    var records: [String: String] = [:]
    var rest = header
    while let blank = rest.firstIndex(of: 0x20) {
      guard let length = Int(String(decoding: rest[..<blank], as: UTF8.self)), length > blank - rest.startIndex + 1,
        length <= rest.count
      else { throw error("a pax header is damaged") }
      let record = rest[(blank + 1)..<(rest.startIndex + length - 1)]
      if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
        records[String(decoding: record[..<equals], as: UTF8.self)] =
          String(decoding: record[(equals + 1)...], as: UTF8.self)
      }
      rest = rest.dropFirst(length)
    }
    return records
  }
}
