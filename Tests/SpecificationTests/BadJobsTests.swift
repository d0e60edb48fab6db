import Foundation
import Specification
import Testing

/// A faulty job file and the message it must give.
private struct BadJob {
  var yaml: String
  var message: String
}

private let transcript = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "BadJobs.txt")

@Suite struct BadJobsTests {
  @Test func everyFaultNamesFileLineFieldAndRemedy() throws {
    let text = try String(contentsOf: transcript, encoding: .utf8)
    let parts = text.components(separatedBy: "\n\n")
    let actual = try parts.dropFirst().map { part in
      let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
      let yaml = lines.prefix { !$0.hasPrefix("=> ") }.joined(separator: "\n")
      return yaml + "\n=> " + (try message(for: yaml)) + (part.hasSuffix("\n") ? "\n" : "")
    }
    if ProcessInfo.processInfo.environment["UPDATE_TRANSCRIPTS"] == "1" {
      try (parts.prefix(1) + actual).joined(separator: "\n\n").write(to: transcript, atomically: true, encoding: .utf8)
    }
    #expect(actual.count > 30)
    for (actual, expected) in zip(actual, parts.dropFirst()) { #expect(actual == expected) }
  }

  private func message(for yaml: String) throws -> String {
    let error = try #require(throws: SpecificationError.self) { try JobSpecification(yaml: yaml, file: "job.yaml") }
    return error.description
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let invalid = try #require(throws: SpecificationError.self) {
      try JobSpecification(yaml: [0x6b, 0xff, 0xfe] as [UInt8], file: "a.yaml")
    }
    #expect(invalid.description == "a.yaml: the file is not UTF-8 text; save it as UTF-8")
    let large = try #require(throws: SpecificationError.self) {
      try JobSpecification(yaml: String(repeating: "# a\n", count: 1 << 18) + "#", file: "a.yaml")
    }
    #expect(large.code == .unreadable)
    let unnamed = try #require(throws: SpecificationError.self) {
      try JobSpecification(yaml: "kind: probe", file: "My Job.yaml")
    }
    #expect(unnamed.code == .missingKey)
  }
}
