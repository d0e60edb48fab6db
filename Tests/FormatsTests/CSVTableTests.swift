import Formats
import Testing

private func read(_ text: String, header: Bool = true) throws(FormatError) -> CSVTable {
  try CSVTable(bytes: Array(text.utf8), file: "prices.csv", header: header)
}

@Suite struct CSVTableTests {
  @Test(arguments: [
    "rooms,price\n1,2.5\n-3e2,+4\n",
    "\u{feff}rooms,price\r\n1,2.5\r\n-3e2,+4",
    "\n  rooms , \"price\"\n\n 1 , \"2.5\" \n-3e2,+4\n  \n",
    "rooms price\n1\t 2.5\n  -3e2   +4  \n \t",
    "\"rooms\"  price\r1 2.5\r-3e2 +4\r",
  ]) func spellingsOfOneTable(_ text: String) throws {
    let table = try read(text)
    #expect(table.columnNames == ["rooms", "price"])
    #expect(table.rowCount == 2)
    #expect(table.values == [1, 2.5, -300, 4])
  }

  @Test func quotedNamesMayHoldAnything() throws {
    let table = try read("\"a, \"\"b\"\"\",\"c\nd\"\n1,2\n")
    #expect(table.columnNames == ["a, \"b\"", "c\nd"])
    #expect(try read("1 2\n3 4\n", header: false).columnNames == ["x0", "x1"])
  }

  @Test func everyFaultNamesFileLineAndColumn() throws {
    let cases: [(text: String, header: Bool, message: String)] = [
      ("", true, "prices.csv: the table is empty; it needs at least one row of numbers"),
      ("\n \n", false, "prices.csv: the table is empty; it needs at least one row of numbers"),
      ("a,b\n", true, "prices.csv: the table has a header but no rows; it needs at least one row of numbers"),
      ("a,b\n1,two\n", true, "prices.csv:2: column \"b\": \"two\" is not a number"),
      (
        "a,b\r\n1,2\r\n\r\n3,NaN\r\n", true,
        "prices.csv:4: column \"b\": \"NaN\" is not a finite number; remove the row"
      ),
      ("a,b\n1,-inf\n", true, "prices.csv:2: column \"b\": \"-inf\" is not a finite number; remove the row"),
      ("a,b\n1,1e999\n", true, "prices.csv:2: column \"b\": \"1e999\" is not a finite number; remove the row"),
      ("a,b\n1,\n", true, "prices.csv:2: column \"b\" is empty; fill in a number or remove the row"),
      ("a,b\n1,2,3\n", true, "prices.csv:2: 3 columns, where the first line has 2"),
      ("a b\n1\n", true, "prices.csv:2: 1 columns, where the first line has 2"),
      (
        "1,2\n3,4\n", true,
        "prices.csv:1: the first line holds numbers, not names of columns; say that there is no header"
      ),
      (
        "a,b\n1,2\n", false,
        "prices.csv:1: column 0 (from 0): \"a\" is not a number; if this line names the columns, say that there is a header"
      ),
      (",a\n0,1\n", true, "prices.csv:1: column 0 (from 0) has no name; name or remove it"),
      ("a,a\n0,1\n", true, "prices.csv:1: two columns have the name \"a\""),
      ("a,\"b\n0,1\n", true, "prices.csv:1: a quote is never closed"),
      ("a,b\n1,\"2\"3\n", true, "prices.csv:2: text follows a closing quote; write two quotes for one inside a field"),
      ("a,b\n1,0x10\n", true, "prices.csv:2: column \"b\": \"0x10\" is not a finite number; remove the row"),
    ]
    for (text, header, message) in cases {
      let error = try #require(throws: FormatError.self) { try read(text, header: header) }
      #expect(error.message == message)
      #expect(error.code == .table)
    }
  }
}
