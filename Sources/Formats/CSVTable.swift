/// A table of finite numbers read from text: comma-separated (RFC 4180, with quotes) or separated by blanks.
///
/// Lines may end in LF or CRLF, a byte order mark is skipped, and so are blank lines. Whatever else is not a finite
/// number in a rectangular table is refused.
public struct CSVTable: Equatable, Sendable {
  /// Names of the columns: from the header, or `x0`, `x1`, … without one.
  public let columnNames: [String]
  /// Number of rows, not counting the header.
  public let rowCount: Int
  /// Elements, row-major: `rowCount` × `columnNames.count`.
  public let values: [Double]

  /// What stands between two columns.
  public enum Delimiter: Sendable {
    case comma
    /// Any number of spaces and tabs.
    case blanks
  }

  /// Reads a table; `file` names it in messages. Without a given delimiter, a comma in the first line decides.
  ///
  /// Throws `FormatError.Code.table` with file, line and column, such as
  /// `prices.csv:17: column "rooms": "three" is not a number`.
  public init(
    bytes: [UInt8], file: String, header: Bool, delimiter: Delimiter? = nil
  ) throws(FormatError) {
    var records = CSVRecords(bytes: bytes, file: file, delimiter: delimiter)
    guard let first = try records.next() else {
      throw FormatError(.table, "\(file): the table is empty; it needs at least one row of numbers")
    }
    let row = CSVRow(file: file, hasHeader: header, first: first)
    if header { try row.checkNames(first) }
    var values: [Double] = []
    var rowCount = 0
    var record = header ? try records.next() : first
    while let current = record {
      try row.append(current, to: &values)
      rowCount += 1
      record = try records.next()
    }
    guard rowCount > 0 else {
      throw FormatError(.table, "\(file): the table has a header but no rows; it needs at least one row of numbers")
    }
    columnNames = row.names
    self.rowCount = rowCount
    self.values = values
  }
}

/// Turns the fields of a record into numbers.
private struct CSVRow {
  let file: String
  let hasHeader: Bool
  let names: [String]

  init(file: String, hasHeader: Bool, first: CSVRecords.Record) {
    self.file = file
    self.hasHeader = hasHeader
    names = hasHeader ? first.fields : first.fields.indices.map { "x\($0)" }
  }

  func error(_ line: Int, _ problem: String) -> FormatError {
    FormatError(.table, "\(file):\(line): \(problem)")
  }

  func checkNames(_ header: CSVRecords.Record) throws(FormatError) {
    guard !names.allSatisfy({ Double($0) != nil }) else {
      throw error(header.line, "the first line holds numbers, not names of columns; say that there is no header")
    }
    var seen: Set<String> = []
    for (column, name) in names.enumerated() {
      guard !name.isEmpty else { throw error(header.line, "column \(column) (from 0) has no name; name or remove it") }
      guard seen.insert(name).inserted else { throw error(header.line, "two columns have the name \(shown(name))") }
    }
  }

  func append(_ record: CSVRecords.Record, to values: inout [Double]) throws(FormatError) {
    guard record.fields.count == names.count else {
      throw error(record.line, "\(record.fields.count) columns, where the first line has \(names.count)")
    }
    for (column, field) in record.fields.enumerated() {
      guard let value = Self.number(field) else { throw error(record.line, problem(with: field, column)) }
      values.append(value)
    }
  }

  /// A finite decimal number.
  static func number(_ field: String) -> Double? {
    guard field.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }) else { return nil }
    guard let value = Double(field), value.isFinite else { return nil }
    return value
  }

  private func problem(with field: String, _ column: Int) -> String {
    let place = hasHeader ? "column \(shown(names[column]))" : "column \(column) (from 0)"
    guard !field.isEmpty else { return "\(place) is empty; fill in a number or remove the row" }
    let found = shown(field)
    guard Double(field) == nil else { return "\(place): \(found) is not a finite number; remove the row" }
    let hint = hasHeader ? "" : "; if this line names the columns, say that there is a header"
    return "\(place): \(found) is not a number\(hint)"
  }
}
