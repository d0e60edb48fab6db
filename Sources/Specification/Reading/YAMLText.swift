import Yams

/// The text of a job file, made safe to parse.
///
/// Yams expands aliases and hashes keys, so a kilobyte of aliases could cost an eternity; job files do without
/// anchors, aliases and several documents, which are refused before the parser sees them. Nesting is bounded by
/// libyaml (1,000 levels).
struct YAMLText {
  /// Bytes of a job file at most.
  static let bytesMax = 1 << 20

  let text: String
  let file: String

  init(_ bytes: some Collection<UInt8>, file: String) throws(SpecificationError) {
    guard bytes.count <= Self.bytesMax else {
      throw SpecificationError(.unreadable, "the file is larger than 1 MiB; a job file is a page of text", file: file)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SpecificationError(.unreadable, "the file is not UTF-8 text; save it as UTF-8", file: file)
    }
    self.text = text
    self.file = file
  }

  /// Parses the text.
  func root() throws(SpecificationError) -> Node {
    try refuseAnchors()
    let root: Node?
    do { root = try Yams.compose(yaml: text, .basic, .default, .utf8) } catch { throw specificationError(error) }
    guard let root else {
      throw SpecificationError(.syntax, "the file is empty; write `kind: chains` first", file: file)
    }
    return root
  }

  /// Refuses what may be an anchor or alias. It never misses one; it may see one inside quotes or block text.
  private func refuseAnchors() throws(SpecificationError) {
    var line = 1
    var (isTokenStart, isComment, isSigil) = (true, false, false)
    for scalar in text.unicodeScalars {
      if isSigil, !Self.isBlank(scalar) {
        let advice = "job files do without anchors and aliases; quote words that begin with & or *"
        throw SpecificationError(.syntax, advice, file: file, line: line)
      }
      isSigil = isTokenStart && !isComment && (scalar == "&" || scalar == "*")
      if Self.isBreak(scalar) || scalar == "\"" || scalar == "'" {
        isComment = false
      } else if isTokenStart, scalar == "#" {
        isComment = true
      }
      isTokenStart = Self.mayPrecedeToken(scalar)
      if scalar == "\n" { line += 1 }
    }
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || isBreak(scalar)
  }

  private static func mayPrecedeToken(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value <= 0x20 || scalar.value >= 0x7f || ",:?-[]{}\"'!".unicodeScalars.contains(scalar)
  }

  private func specificationError(_ error: any Error) -> SpecificationError {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _):
      SpecificationError(.syntax, "not valid YAML: \(problem)", file: file, line: mark.line, cause: error)
    case YamlError.composer(_, _, let mark, _):
      SpecificationError(
        .syntax, "a second document begins here; a job file is one", file: file, line: mark.line, cause: error)
    case YamlError.reader(let problem, let offset, _, _):
      SpecificationError(.syntax, "not valid YAML: \(problem)", file: file, line: offset.map(line), cause: error)
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      SpecificationError(
        .duplicateKey, "given twice; keep one", file: file, line: context.mark.line, field: keys.first.map(keyName),
        cause: error)
    default:
      SpecificationError(.syntax, "not valid YAML", file: file, cause: error)
    }
  }

  private func line(atCharacter offset: Int) -> Int {
    1 + text.prefix(offset).count(where: \.isNewline)
  }
}
