extension CascadeSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let data = try section.required("data", "say what to learn from, such as `data: {folder: pictures}`")
    var dataSection = try Section(data)
    self.init(data: try ImageDataSpecification(from: &dataSection), stages: [])
    validation = try dataSection.optional("validation")?.number(in: 0...0.5) ?? validation
    try dataSection.finish()
    condition = try Condition(from: &section)
    let list = try section.required("stages", "list the stages, the one of lowest resolution first")
    for field in try list.list(countMax: 16) {
      let stage: StageSpecification = try field.section()
      try check(stage, field)
      stages.append(stage)
    }
    guard !stages.isEmpty else { throw list.error(.outOfRange, "must have at least one stage") }
    preview = try section.optional("preview")?.section { (section) throws(SpecificationError) in
      try PreviewSpecification(from: &section, self.condition)
    }
    samples = try section.optional("samples")?.section { (section) throws(SpecificationError) in
      try SamplesSpecification(from: &section, self.condition, count: 8)
    }
    evaluation = try section.optional("evaluation")?.section()
  }
}

extension CascadeSpecification.Condition {
  fileprivate init(from section: inout Section) throws(SpecificationError) {
    let (text, classes) = (section.optional("text"), section.optional("classes"))
    if let text {
      if let classes { throw classes.error(.conflict, "give either `text` or `classes`, not both") }
      self = .text(try text.section())
    } else if let classes {
      self = .classes(count: try classes.integer(in: 1...100_000))
    } else {
      self = .none
    }
  }
}

extension TextSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let advice = "name the encoder's folder; `Scripts/setup --text-encoder` puts one in place"
    self.init(encoder: try section.required("encoder", advice).text())
    tokens = try section.optional("tokens")?.integer(in: 3...4096) ?? tokens
    onLongCaption = try section.optional("onLongCaption")?.choice() ?? onLongCaption
  }
}

extension Field {
  /// The value as a section, read by a function.
  fileprivate func section<Value>(
    _ read: (inout Section) throws(SpecificationError) -> Value
  ) throws(SpecificationError) -> Value {
    var section = try Section(self)
    let value = try read(&section)
    try section.finish()
    return value
  }
}
