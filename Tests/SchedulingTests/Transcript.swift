import Foundation
import Testing

/// A story told in a text file: an event a line, with its time in seconds, and below it the commands it leads to.
///
/// The environment variable `REGENERATE_TRANSCRIPTS=1` has the commands written anew; the difference is then to be read.
struct Transcript: CustomTestStringConvertible {
  let path: URL

  /// The transcripts of one subject, in the order of their names.
  static func all(of subject: String) throws -> [Transcript] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Transcripts/\(subject)")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "txt" }
      .sorted { $0.path < $1.path }
      .map(Transcript.init)
  }

  var testDescription: String { path.deletingPathExtension().lastPathComponent }

  /// Has a subject live through the story and compares what it did with what is written.
  /// - Parameter handle: Takes in an event, as words, at a time in seconds, and gives the commands, a line each.
  func check(_ handle: (Words, Double) throws -> [String]) throws {
    let written = try String(contentsOf: path, encoding: .utf8)
    try #require(written.hasPrefix("# "), "\(testDescription) does not begin with a comment that says what it shows")
    var told: [String] = []
    for line in written.split(separator: "\n", omittingEmptySubsequences: false) where !line.hasPrefix("  > ") {
      told.append(String(line))
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      var words = Words(line)
      let seconds = try words.number(Double.init)
      told += try handle(words, seconds).map { "  > \($0)" }
    }
    let text = told.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["REGENERATE_TRANSCRIPTS"] == "1" {
      try text.write(to: path, atomically: true, encoding: .utf8)
    } else {
      #expect(text == written, "\(testDescription) is not what happens")
    }
  }
}

/// The words of a line, taken one after the other.
struct Words {
  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  private let line: String
  private var rest: ArraySlice<String>

  init(_ line: Substring) {
    self.line = String(line)
    rest = line.split(separator: " ").map { String($0) }[...]
  }

  var isEmpty: Bool { rest.isEmpty }

  mutating func next() throws -> String {
    guard let word = rest.popFirst() else { throw Unreadable(description: "\"\(line)\" ends too early") }
    return word
  }

  func isNext(_ word: String) -> Bool { rest.first == word }

  /// Takes the word if it is the next one.
  mutating func skip(_ word: String) -> Bool {
    guard rest.first == word else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number<Number>(_ parse: (String) -> Number?) throws -> Number {
    let word = try next()
    guard let number = parse(word) else { throw Unreadable(description: "\"\(word)\" in \"\(line)\" is no number") }
    return number
  }

  mutating func integer() throws -> Int { try number { Int($0) } }

  /// Takes all that is left.
  mutating func remaining<Value>(_ parse: (inout Words) throws -> Value) throws -> [Value] {
    var values: [Value] = []
    while !isEmpty { values.append(try parse(&self)) }
    return values
  }
}
