import Yams

/// One mapping of a job file, read key by key; `finish()` refuses the keys nobody asked for.
struct Section {
  let file: String
  /// Dotted path of the section; empty at the root.
  let path: String
  let line: Int
  private let fields: [(key: String, field: Field)]
  private var asked: [String] = []

  init(_ field: Field) throws(SpecificationError) {
    guard case .mapping(let mapping) = field.node else { throw field.wrongType("a section of `key: value` lines") }
    (file, path, line) = (field.file, field.path, field.line)
    var fields: [(key: String, field: Field)] = []
    var seen: Set<String> = []
    for (key, value) in mapping {
      let entry = try Self.entry(key, value, in: field)
      guard seen.insert(entry.key).inserted else { throw entry.field.error(.duplicateKey, "given twice; keep one") }
      fields.append(entry)
    }
    self.fields = fields
  }

  private static func entry(
    _ key: Node, _ value: Node, in parent: Field
  ) throws(SpecificationError) -> (key: String, field: Field) {
    guard case .scalar(let name) = key else {
      throw parent.error(.syntax, "a key must be a word, not a list or section")
    }
    let path = (parent.path.isEmpty ? "" : parent.path + ".") + keyName(name.string)
    return (name.string, Field(file: parent.file, path: path, line: name.mark?.line ?? parent.line, node: value))
  }

  /// The value of a key, or nil if it is not given.
  mutating func optional(_ key: String) -> Field? {
    asked.append(key)
    return fields.first { $0.key == key }?.field
  }

  /// The value of a key that has no default; `advice` says what to write.
  mutating func required(_ key: String, _ advice: String) throws(SpecificationError) -> Field {
    if let field = optional(key) { return field }
    let misspelt = fields.first { !asked.contains($0.key) && nearestName(to: $0.key, among: [key]) != nil }
    if let misspelt { throw unknownKey(misspelt.key, misspelt.field) }
    let field = path.isEmpty ? key : "\(path).\(key)"
    throw SpecificationError(.missingKey, "missing; \(advice)", file: file, line: line, field: field)
  }

  /// Refuses keys that were never asked for.
  func finish() throws(SpecificationError) {
    for (key, field) in fields where !asked.contains(key) { throw unknownKey(key, field) }
  }

  private func unknownKey(_ key: String, _ field: Field) -> SpecificationError {
    let hint = nearestName(to: key, among: asked).map { "; did you mean \"\($0)\"?" } ?? "."
    return field.error(.unknownKey, "unknown key\(hint) Known: \(asked.joined(separator: ", "))")
  }
}

/// A value that a section of a job file describes.
protocol SectionDecodable {
  init(from section: inout Section) throws(SpecificationError)
}

extension Field {
  /// The value as a section, of which every key must be known.
  func section<Value: SectionDecodable>(as type: Value.Type = Value.self) throws(SpecificationError) -> Value {
    var section = try Section(self)
    let value = try Value(from: &section)
    try section.finish()
    return value
  }

  /// The place of a key within this one, or the nearest around it that is given.
  func nested(_ keys: String...) -> Field {
    keys.reduce(self) { place, key in
      var section = try? Section(place)
      return section?.optional(key) ?? place
    }
  }
}
