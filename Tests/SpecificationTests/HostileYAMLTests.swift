import Foundation
import Specification
import TestSupport
import Testing

private let seeds = [
  "kind: chains\ndata: {set: yacht, split: 0}\nmodel:\n  type: mlp\n  hidden: [50, 50]\n  prior: {type: fixed, scale: 1}\n",
  "kind: chains\ndata: {file: a.csv, target: 'price', testFraction: 0.1}\nmodel: {type: linear}\nkernel: {type: hmc}\n",
  "kind: probe # a comment\ntasks: 10\nseconds: 0.5\nname: \"probe\"\n",
]

private let tokens = [
  "&a ", "*a", "? ", ": ", "- ", "[", "]", "{", "}", "!!int ", "!<x> ", "|\n ", ">\n ", "---\n", "...\n", "%YAML 1.1\n",
  "\"",
  "'", "\\u0000", "\\ud800", "\u{2028}", "\u{85}", "\u{feff}", "\0", "\t", "\r", "\r\n", "#", " #", "<<: ", "~", ".inf",
  "0x10", "1_000", "-0", "9223372036854775808", "1e400", "\u{0301}", "🧵", "kind", "data", "\u{7f}",
]

private func mutated(_ generator: inout SplitMix64) -> [UInt8] {
  var bytes = Array(seeds[Int.random(in: 0..<seeds.count, using: &generator)].utf8)
  for _ in 0..<Int.random(in: 1...6, using: &generator) {
    let at = Int.random(in: 0...bytes.count, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes.insert(contentsOf: tokens[Int.random(in: 0..<tokens.count, using: &generator)].utf8, at: at)
    case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...8, using: &generator)))
    case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &generator)
    case 3: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 20)], at: at)
    default: bytes.removeSubrange(at...)
    }
  }
  return bytes
}

@Suite struct HostileYAMLTests {
  @Test(.timeLimit(.minutes(2))) func mutatedJobsNeverCrash() {
    var generator = SplitMix64(seed: 2026)
    var (decoded, refused) = (0, 0)
    for _ in 0..<40_000 {
      let bytes = mutated(&generator)
      do {
        _ = try JobSpecification(yaml: bytes, file: "mutated.yaml").plan()
        decoded += 1
      } catch {
        #expect(error.description.hasPrefix("mutated.yaml"))
        refused += 1
      }
    }
    #expect(decoded > 1000 && refused > 1000, "\(decoded) decoded, \(refused) refused")
  }

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
