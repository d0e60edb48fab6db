extension AcquisitionSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let dataField = try section.required("data", "describe the pictures, such as `data: {name: digits, images: …}`")
    let networkField = try section.required("network", "describe the network, such as `network: {type: lenet5}`")
    self.init(data: try LearningData(dataField, after: []), network: try networkField.section())
    if let field = section.optional("training") {
      training = try field.section()
      var inner = try Section(field)
      if let segment = inner.optional("segment") {
        throw segment.error(.conflict, "a commit is a round here, whatever its epochs; leave it out")
      }
      for key in ["weights", "pseudoLabels"] {
        guard let field = inner.optional(key) else { continue }
        throw field.error(.conflict, "is for `kind: ensemble`, where others can guide; leave it out")
      }
    }
    if let field = section.optional("strategies") { strategies = try Self.strategies(field) }
    let methodField = section.optional("method")
    method = try methodField?.section() ?? method
    labels = try section.optional("labels")?.section() ?? labels
    if let field = section.optional("coldness") {
      coldness = field.word == "greedy" ? nil : try field.number(in: 0...1000)
    }
    if let field = section.optional("pool") { pool = try field.integer(in: labels.step...100_000_000) }
    repeats = try section.optional("repeats")?.integer(in: 1...1000) ?? repeats
    try checkData(dataField)
    try network.check(networkField, for: data)
    if let methodField { try checkMethod(methodField) }
  }

  private static func strategies(_ field: Field) throws(SpecificationError) -> [Strategy] {
    var strategies: [Strategy] = []
    for entry in try field.list(countMax: Strategy.allCases.count) {
      let strategy: Strategy = try entry.choice()
      guard !strategies.contains(strategy) else { throw entry.error(.conflict, "listed twice; keep one") }
      strategies.append(strategy)
    }
    guard !strategies.isEmpty else { throw field.error(.outOfRange, "must have at least one strategy") }
    return strategies
  }

  private func checkData(_ field: Field) throws(SpecificationError) {
    var section = try Section(field)
    guard case .pictures(let pictures) = data.source else {
      throw field.error(.conflict, "is a table; labels of pictures are asked for, so give `images` or a `folder`")
    }
    guard pictures.hasTest else {
      throw field.error(.conflict, "has nothing to judge by; give it `test: {images: …, labels: …}`")
    }
    if data.validation > 0, let validation = section.optional("validation") {
      throw validation.error(.conflict, "no labels are held out here; leave it out")
    }
    if let limit = pictures.limit.training, limit < labels.last, let place = section.optional("limit") {
      throw place.error(.conflict, "must be at least labels.last, which is \(labels.last)")
    }
  }

  /// Whether there are several functions that can disagree.
  private func checkMethod(_ field: Field) throws(SpecificationError) {
    guard method.suitsClasses else { throw field.error(.conflict, "is for tables with numbers to predict") }
    switch method {
    case .partial: throw field.error(.conflict, "trains its trunk in a task of its own; take `deep`")
    case .laplace(let laplace) where laplace.weights != nil:
      throw field.error(.conflict, "learns anew in each round; leave `weights` out")
    case .laplace(let laplace) where laplace.precision == .validation:
      throw field.error(.conflict, "holds no labels out to choose by; take `precision: evidence`, or a number")
    case .single where strategies.contains(.epistemic):
      throw field.error(.conflict, "has one function, which cannot disagree; leave `epistemic` out, or take `deep`")
    case .dropout where network.dropout == 0:
      throw field.error(.conflict, "draws what is dropped; give the network a `dropout`, such as 0.25")
    case .batchNorm where network.normalization != .batch:
      throw field.error(.conflict, "draws the statistics of batch norms; give the network `normalization: batch`")
    case .augmentation where training.augmentation == TrainingConfiguration.Augmentation():
      throw field.error(.conflict, "draws how pictures are cut; give the training an `augmentation`")
    default: return
    }
  }
}

extension AcquisitionSpecification.Labels: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    first = try section.optional("first")?.integer(in: 1...1_000_000) ?? first
    step = try section.optional("step")?.integer(in: 1...1_000_000) ?? step
    if let field = section.optional("last") { last = try field.integer(in: first...10_000_000) }
    last = max(first, last)
    guard rounds <= 10_000 else {
      throw SpecificationError(
        .outOfRange, "makes \(rounds) rounds, of which there can be 10000; raise `step`", file: section.file,
        line: section.line, field: section.path)
    }
  }
}
