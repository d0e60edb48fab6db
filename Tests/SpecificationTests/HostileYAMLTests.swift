import Specification
import Testing

@Suite struct HostileYAMLTests {
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "a: &a [x, x, x]\nb: &b [*a, *a, *a]\n? [*b, *b]\n: 1",
      "x: [\"a # b\", &a 1, *a]",
      "x: [\"a\n # \", &a 1]",
      "# a\r&a b: 1",
      "# a\u{2028}&a b: 1",
      "\u{feff}&a b: 1",
    ]) func anchorsHideNowhere(yaml: String) throws
  {
    let error = try #require(throws: SpecificationError.self) { try JobSpecification(yaml: yaml, file: "a.yaml") }
    #expect(error.message.hasPrefix("job files do without anchors"))
  }

  @Test func signsThatAreNoAnchorsPass() throws {
    let yaml = "# what's *this* & that\nkind: probe # 2 * 3 & *more*\nname: a\n"
    #expect(throws: Never.self) {
      try JobSpecification(yaml: yaml.replacing("what's", with: "what is"), file: "a.yaml")
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "[", "{", "- ", "? ", "a: ", "{a: ", "[[],", "\"", "|\n", "!", "#\n", "a,", "1 ", "\n", "[a]: ", "'\n\n",
    ])
  func largeAndDeepTextsAreRefusedInTime(unit: String) {
    for count in [900, 1100, (1 << 20) / unit.utf8.count] {
      let yaml = String(repeating: unit, count: count)
      #expect(throws: SpecificationError.self) { try JobSpecification(yaml: yaml, file: "deep.yaml") }
    }
  }
}
