import Formats

/// A table of captions: UTF-8, a header line, columns separated by tabs, without quotes.
struct CaptionTable {
  /// One line.
  struct Row {
    let line: Int
    let fields: [Substring]
  }

  let columns: [Substring]
  let rows: [Row]
  private let file: String

  init(bytes: some Collection<UInt8>, file: String) throws(DatasetError) {
    let text = String(decoding: bytes.dropFirst(bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0), as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    self.file = file
    func fields(_ line: Substring) -> [Substring] {
      line.split(separator: "\t", omittingEmptySubsequences: false).map { field in
        var field = field
        while field.last?.isWhitespace ?? false { field.removeLast() }
        return field.drop(while: \.isWhitespace)
      }
    }
    columns = lines.first.map(fields) ?? []
    guard columns.count > 1 else {
      throw DatasetError(
        .caption, "\(file): the first line names the columns, separated by tabs, such as file and caption")
    }
    var rows: [Row] = []
    for (number, line) in zip(2..., lines.dropFirst()) where !line.allSatisfy(\.isWhitespace) {
      let row = Row(line: number, fields: fields(line))
      guard row.fields.count == columns.count else {
        throw DatasetError(
          .caption, "\(file):\(number): \(row.fields.count) columns, where the first line has \(columns.count)")
      }
      rows.append(row)
    }
    self.rows = rows
  }

  /// Number of a column.
  func column(_ name: String) throws(DatasetError) -> Int {
    if let index = columns.firstIndex(where: { $0 == name }) { return index }
    let known = columns.prefix(20).map { oneLine($0, limit: 60) }.joined(separator: ", ")
    throw DatasetError(.caption, "\(file): there is no column \(shown(name)); the columns are: \(known)")
  }

  /// How the table names pictures: by file, or by number.
  enum PictureColumn {
    case file(Int)
    case index(Int)
  }

  func pictureColumn() throws(DatasetError) -> PictureColumn {
    if let file = columns.firstIndex(of: "file") { return .file(file) }
    if let index = columns.firstIndex(of: "index") { return .index(index) }
    throw DatasetError(.caption, "\(file): no column `file` (or `index`) says which picture a line belongs to")
  }
}
