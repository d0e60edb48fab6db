/// Standard deviations a job file may give.
private let scales = 1e-6...1e6

extension ModelConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case mlp, linear
  }

  init(from section: inout Section) throws(SpecificationError) {
    let kind = try section.required("type", "write `type: mlp` or `type: linear`").choice(of: Kind.self)
    self =
      switch kind {
      case .mlp: .mlp(try MLPConfiguration(from: &section))
      case .linear: .linear(try LinearConfiguration(from: &section))
      }
  }
}

extension MLPConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    if let widths = try section.optional("hidden")?.list(countMax: 16) {
      hidden = []
      for width in widths { hidden.append(try width.integer(in: 1...4096)) }
    }
    activation = try section.optional("activation")?.choice() ?? activation
    prior = try section.optional("prior")?.section() ?? prior
    noise = try section.optional("noise")?.section() ?? noise
  }
}

extension LinearConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    if let scale = section.optional("coefficientScale") {
      coefficientScale = scale.word == "flat" ? nil : try scale.number(in: scales)
    }
    noise = try section.optional("noise")?.section() ?? noise
  }
}

extension PriorConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case fixed, hierarchical
  }

  init(from section: inout Section) throws(SpecificationError) {
    let kind = try section.required("type", "write `type: fixed` or `type: hierarchical`").choice(of: Kind.self)
    let scale = try section.optional("scale")?.number(in: scales) ?? 1
    self =
      switch kind {
      case .fixed: .fixed(scale: scale)
      case .hierarchical: .hierarchical(scale: scale)
      }
  }
}

extension NoiseConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case fixed, learned, perRow
  }

  init(from section: inout Section) throws(SpecificationError) {
    let advice = "write `type: fixed`, `type: learned` or `type: perRow`"
    switch try section.required("type", advice).choice(of: Kind.self) {
    case .fixed:
      let scale = try section.required("scale", "give the noise's standard deviation, in units of the target's")
      self = .fixed(scale: try scale.number(in: scales))
    case .learned:
      self = .learned(
        location: try section.optional("location")?.number(in: -100...100) ?? 0,
        scale: try section.optional("scale")?.number(in: scales) ?? 1)
    case .perRow: self = .perRow
    }
  }
}

extension PositivePrior: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case flat, halfCauchy, halfNormal
  }

  init(from section: inout Section) throws(SpecificationError) {
    let advice = "write `type: flat`, `type: halfCauchy` or `type: halfNormal`"
    switch try section.required("type", advice).choice(of: Kind.self) {
    case .flat: self = .flat
    case .halfCauchy: self = .halfCauchy(scale: try section.optional("scale")?.number(in: scales) ?? 2.5)
    case .halfNormal: self = .halfNormal(scale: try section.optional("scale")?.number(in: scales) ?? 1)
    }
  }
}
