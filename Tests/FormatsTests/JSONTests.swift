import Formats
import Testing

private func json(_ text: String) throws(FormatError) -> JSON { try JSON(bytes: text.utf8) }

@Suite struct JSONTests {
  @Test func equalValuesGiveEqualBytes() throws {
    let value: JSON = ["b": [1, true, .null, "é\"\n"], "a": ["z": .number(0.5), "Z": -7]]
    #expect(String(decoding: value.bytes, as: UTF8.self) == #"{"a":{"Z":-7,"z":0.5},"b":[1,true,null,"é\"\u000a"]}"#)
    #expect(try JSON(bytes: value.bytes) == value)
  }

  @Test func everySpellingIsRead() throws {
    #expect(
      try json(" [ -0 , 1.5e3 , 9223372036854775807 , 9223372036854775808 ] ")
        == [0, .number(1500), .integer(.max), .number(9_223_372_036_854_775_808)])
    #expect(try json(#""\u00e9\ud83e\uddf5\/\b\f\n\r\t\\""#) == "é🧵/\u{8}\u{c}\n\r\t\\")
    #expect(try json("{ }") == [:])
    #expect(try json("[ ]") == [])
  }

  @Test(arguments: [
    "", " ", "{", "[1", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":1,\"a\":2}", "01", "1.", ".5", "1e", "+1",
    "-",
    "1e999", "nan", "tru", "\"", "\"\n\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#, #""\ud800\u0041""#,
    #""\udc00""#, "1 2", "[]]",
  ]) func anythingElseIsRefused(_ text: String) {
    #expect(throws: FormatError.self) { try json(text) }
  }

  @Test func nestingAndForeignBytesAreBounded() {
    #expect(throws: FormatError.self) { try json(String(repeating: "[", count: 1_000_000)) }
    #expect(throws: Never.self) { try json("[[{}],[{}]]") }
    #expect(throws: FormatError.self) { try JSON(bytes: [0x22, 0xff, 0x22] as [UInt8]) }
    let siblings = "[" + String(repeating: "{},[],", count: 100) + "1]"
    #expect(throws: Never.self) { try JSON(bytes: siblings.utf8, depthMax: 2) }
  }
}
