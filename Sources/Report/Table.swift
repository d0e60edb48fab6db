/// A table of text and numbers.
struct Table {
  /// A column and what is in it.
  struct Column {
    let title: String
    /// Numbers stand on the right, digit below digit.
    let isNumeric: Bool
  }

  private let title: String
  private let columns: [Column]
  private let rows: [[String]]

  /// - Parameters:
  ///   - title: What the rows are, for those who cannot see the page around it.
  ///   - words: Columns of words, which come first.
  ///   - numbers: Columns of numbers.
  init(_ title: String, words: [String], numbers: [String], rows: [[String]]) {
    self.title = title
    columns =
      words.map { Column(title: $0, isNumeric: false) } + numbers.map { Column(title: $0, isNumeric: true) }
    self.rows = rows
  }

  /// The table in a frame of its own, in which it can be moved where the page is too narrow.
  var markup: Markup {
    let head = columns.map { Markup("th", Self.attributes($0, isHead: true), [Markup($0.title)]) }
    let body = rows.map { row in
      let cells = zip(columns, row).enumerated().map { position, cell in
        position == 0
          ? Markup("th", ["scope": "row"], [Markup(cell.1)])
          : Markup("td", Self.attributes(cell.0, isHead: false), [Markup(cell.1)])
      }
      return Markup("tr", [:], cells)
    }
    let table = Markup(
      "table", ["aria-label": title], [Markup("thead", [:], [Markup("tr", [:], head)]), Markup("tbody", [:], body)])
    return Markup("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": title], [table])
  }

  private static func attributes(_ column: Column, isHead: Bool) -> KeyValuePairs<StaticString, String> {
    switch (isHead, column.isNumeric) {
    case (true, true): ["scope": "col", "class": "n"]
    case (true, false): ["scope": "col"]
    case (false, true): ["class": "n"]
    case (false, false): [:]
    }
  }
}
