import Yams

/// One value of a job file, with its place, read as the type the job needs.
struct Field {
  let file: String
  /// Dotted path, such as `model.prior.scale`.
  let path: String
  let line: Int
  let node: Node

  /// An error at this place.
  func error(_ code: SpecificationError.Code, _ message: String) -> SpecificationError {
    SpecificationError(code, message, file: file, line: line, field: path.isEmpty ? nil : path)
  }

  /// The error for a value of another type.
  func wrongType(_ expected: String) -> SpecificationError {
    error(.wrongType, "expected \(expected), found \(found)")
  }

  private var found: String {
    switch node {
    case .mapping: "a section"
    case .sequence: "a list"
    case .alias: "an alias"
    case .scalar(let scalar) where isNothing(scalar): "nothing"
    case .scalar(let scalar): (scalar.style == .plain ? "" : "the text ") + quoted(scalar.string)
    }
  }

  private func isNothing(_ scalar: Node.Scalar) -> Bool {
    scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
  }

  /// The unquoted word, if it is one.
  var word: String? {
    guard case .scalar(let scalar) = node, scalar.style == .plain, !isNothing(scalar) else { return nil }
    return scalar.string
  }

  /// A whole number in decimal digits.
  func integer(in range: ClosedRange<Int>) throws(SpecificationError) -> Int {
    guard let word, Self.isDecimal(word, "+-"), word.utf8.dropFirst().allSatisfy({ (48...57).contains($0) }) else {
      throw wrongType("a whole number")
    }
    guard let value = Int(word), range.contains(value) else {
      throw outOfRange("\(range.lowerBound)", "\(range.upperBound)", word)
    }
    return value
  }

  /// A finite number.
  func number(in range: ClosedRange<Double>) throws(SpecificationError) -> Double {
    guard let word, Self.isDecimal(word, "+-.eE"), let value = Double(word) else { throw wrongType("a number") }
    guard range.contains(value) else {
      throw outOfRange(Self.shown(range.lowerBound), Self.shown(range.upperBound), word)
    }
    return value
  }

  private static func shown(_ bound: Double) -> String {
    Int(exactly: bound).map(String.init) ?? "\(bound)"
  }

  private static func isDecimal(_ word: String, _ others: String) -> Bool {
    word.utf8.allSatisfy { (48...57).contains($0) || others.utf8.contains($0) }
  }

  private func outOfRange(_ lower: String, _ upper: String, _ found: String) -> SpecificationError {
    error(.outOfRange, "must lie between \(lower) and \(upper), found \(found)")
  }

  /// `true` or `false`.
  func flag() throws(SpecificationError) -> Bool {
    switch word {
    case "true": true
    case "false": false
    default: throw wrongType("true or false")
    }
  }

  /// A text that is not empty.
  func text(bytesMax: Int = 4096) throws(SpecificationError) -> String {
    guard case .scalar(let scalar) = node, !isNothing(scalar), !scalar.string.isEmpty else { throw wrongType("a text") }
    guard scalar.string.utf8.count <= bytesMax else {
      throw error(.outOfRange, "must be at most \(bytesMax) bytes long")
    }
    guard !scalar.string.utf8.contains(where: { $0 < 0x20 }) else {
      throw error(.outOfRange, "must be one line without control characters")
    }
    return scalar.string
  }

  /// One of the words of an enumeration.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    of type: Choice.Type = Choice.self
  ) throws(SpecificationError) -> Choice {
    let names = Choice.allCases.map(\.rawValue)
    guard case .scalar(let scalar) = node, !isNothing(scalar) else {
      throw wrongType("one of \(names.joined(separator: ", "))")
    }
    let text = scalar.string
    if let choice = Choice(rawValue: text) { return choice }
    let hint = nearestName(to: text, among: names).map { "; did you mean \"\($0)\"?" } ?? "."
    throw error(.unknownValue, "unknown value \(quoted(text))\(hint) Known: \(names.joined(separator: ", "))")
  }

  /// The elements of a list.
  func list(countMax: Int) throws(SpecificationError) -> [Field] {
    guard case .sequence(let sequence) = node else { throw wrongType("a list such as [50, 50]") }
    guard sequence.count <= countMax else {
      throw error(.outOfRange, "must have at most \(countMax) elements, found \(sequence.count)")
    }
    return sequence.enumerated().map { index, node in
      Field(file: file, path: "\(path)[\(index)]", line: node.mark?.line ?? line, node: node)
    }
  }
}
