extension LearningData {
  /// Names of the parts of every set, which no set may have.
  private static let parts = ["training", "validation", "test"]

  /// Reads a set; it may be a variant of one of those before it.
  init(_ field: Field, after known: [LearningData]) throws(SpecificationError) {
    var section = try Section(field)
    let nameField = try section.required("name", "name the set, such as `name: digits`")
    let name = try nameField.text(bytesMax: 63)
    guard JobSpecification.isName(name), !Self.parts.contains(name) else {
      let rule = JobSpecification.isName(name) ? "it is the name of a part of every set" : JobSpecification.nameRule
      throw nameField.error(.outOfRange, "\(quoted(name)) cannot name a set; \(rule)")
    }
    guard !known.contains(where: { $0.name == name }) else {
      throw nameField.error(.conflict, "another set is named \(quoted(name))")
    }
    if let field = section.optional("of") {
      self = try Self.original(field, among: known)
      self.name = name
      if case .pictures(var pictures) = source {
        try pictures.vary(from: &section)
        source = .pictures(pictures)
      }
    } else {
      let isTable = section.optional("set") != nil || section.optional("file") != nil
      self.init(name: name, source: isTable ? try Self.table(from: &section) : .pictures(try Pictures(from: &section)))
    }
    validation = try section.optional("validation")?.number(in: 0...0.5) ?? validation
    try section.finish()
  }

  /// The set that another one is a variant of.
  private static func original(_ field: Field, among known: [LearningData]) throws(SpecificationError) -> LearningData {
    let name = try field.text()
    guard let original = known.first(where: { $0.name == name }) else {
      let hint = nearestName(to: name, among: known.map(\.name)).map { "; did you mean \(quoted($0))?" } ?? ""
      throw field.error(.unknownValue, "there is no set \(quoted(name)) above this one\(hint)")
    }
    guard original.hasClasses else {
      throw field.error(.conflict, "only pictures have variants; \(quoted(name)) is a table")
    }
    return original
  }

  /// A table of one split, or a shipped one of its first so many.
  private static func table(from section: inout Section) throws(SpecificationError) -> Source {
    let splits = section.optional("splits")
    let table = try DataSpecification(from: &section)
    guard let splits else { return .table(table.source, splits: [table.split]) }
    guard case .shipped = table.source, section.optional("split") == nil else {
      throw splits.error(.conflict, "counts the standard splits of a shipped set; leave it out, or leave out `split`")
    }
    return .table(table.source, splits: (0..<(try splits.integer(in: 1...20))).map { .standard($0) })
  }
}

extension LearningData.Pictures {
  init(from section: inout Section) throws(SpecificationError) {
    let training = try ImageDataSpecification(from: &section)
    let given = try section.optional("test").map { (field) throws(SpecificationError) in try TestPictures(from: field) }
    var test = given?.pictures ?? training
    // Pictures to judge by are read as those to learn from.
    (test.channels, test.fit, test.classes) = (training.channels, training.fit, training.classes)
    self.init(
      training: training, test: test,
      resolution: try section.required("resolution", "give width and height, such as `resolution: 28`")
        .integer(in: 4...1024))
    limit.test = given?.limit
    try vary(from: &section)
  }

  /// Reads what may differ between variants of one set.
  mutating func vary(from section: inout Section) throws(SpecificationError) {
    limit.training = try section.optional("limit")?.integer(in: 1...100_000_000) ?? limit.training
    skip = try section.optional("skip")?.integer(in: 0...100_000_000) ?? skip
    imbalance = try section.optional("imbalance")?.number(in: 1e-6...1) ?? imbalance
    distortion = try section.optional("distortion")?.section() ?? distortion
  }

  /// The `test` section.
  private struct TestPictures {
    let pictures: ImageDataSpecification
    let limit: Int?

    init(from field: Field) throws(SpecificationError) {
      var section = try Section(field)
      pictures = try ImageDataSpecification(from: &section)
      limit = try section.optional("limit")?.integer(in: 1...100_000_000)
      try section.finish()
    }
  }
}
