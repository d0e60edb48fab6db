extension SamplesSpecification {
  /// Reads what is to be drawn; captions and classes must fit what the cascade is conditioned on.
  init(
    from section: inout Section, _ condition: CascadeSpecification.Condition, count usual: Int
  ) throws(SpecificationError) {
    self.init(count: usual)
    count = try section.optional("count")?.integer(in: 1...1_000_000) ?? count
    batch = try section.optional("batch")?.integer(in: 1...4096) ?? batch
    let (prompts, classes) = (section.optional("prompts"), section.optional("classes"))
    switch condition {
    case .text:
      if let classes { throw classes.error(.conflict, "this cascade draws captions; give `prompts`") }
      let given = try section.required("prompts", "give the captions to draw, such as `prompts: [\"a red heart\"]`")
      for field in try given.list(countMax: 4096) { self.prompts.append(try field.text(bytesMax: 2048)) }
      guard !self.prompts.isEmpty else { throw given.error(.outOfRange, "must have at least one caption") }
    case .classes(let known):
      if let prompts { throw prompts.error(.conflict, "this cascade draws classes; give `classes`") }
      self.classes =
        try classes?.integers(in: 0...(known - 1), countMax: 100_000) ?? Array(0..<known)
    case .none:
      if let given = prompts ?? classes {
        throw given.error(
          .conflict, "this cascade is trained without a condition; leave this out, or add `text` or `classes`")
      }
    }
  }
}

extension PreviewSpecification {
  init(
    from section: inout Section, _ condition: CascadeSpecification.Condition
  ) throws(SpecificationError) {
    let field = try section.required("every", "say how often, such as `every: 10m` or `every: 2000` (steps)")
    every = try Pace(field)
    samples = try SamplesSpecification(from: &section, condition, count: 4)
  }
}

extension PreviewSpecification.Pace {
  /// A whole number of steps, or one with s, m or h.
  fileprivate init(_ field: Field) throws(SpecificationError) {
    if let word = field.word, Int(word) != nil {
      self = .steps(try field.integer(in: 1...100_000_000))
      return
    }
    guard let word = field.word, let unit = word.last, let seconds = ["s": 1.0, "m": 60, "h": 3600][unit],
      let number = Int(word.dropLast()), (1...100_000).contains(number)
    else { throw field.wrongType("a time such as 90s, 10m or 1h, or a number of steps") }
    self = .seconds(Double(number) * seconds)
  }
}

extension EvaluationSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    count = try section.optional("count")?.integer(in: 4...1_000_000) ?? count
    batch = try section.optional("batch")?.integer(in: 1...4096) ?? batch
    references = try section.optional("references")?.integer(in: 4...1_000_000) ?? references
    for field in try section.optional("guidance")?.list(countMax: 32) ?? [] {
      guidance.append(try field.number(in: 0...1000))
    }
    let steps = section.optional("featureSteps")
    if let file = section.optional("features") {
      if let steps { throw steps.error(.conflict, "belongs to a feature network trained here; leave out `features`") }
      features = .file(try file.text())
    } else {
      features = .trained(steps: try steps?.integer(in: 1...1_000_000) ?? 1500)
    }
  }
}
