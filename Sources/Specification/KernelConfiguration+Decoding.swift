private let acceptances = 0.05...0.99
private let stepSizes = 1e-8...1e3

extension KernelConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case nuts, hmc, metropolis, mclmc, mams
  }

  init(from section: inout Section) throws(SpecificationError) {
    let advice = "write `type: nuts`, `type: hmc`, `type: mams`, `type: mclmc` or `type: metropolis`"
    self =
      switch try section.required("type", advice).choice(of: Kind.self) {
      case .nuts: .nuts(try NUTSConfiguration(from: &section))
      case .hmc: .hmc(try HMCConfiguration(from: &section))
      case .metropolis: .metropolis(try MetropolisConfiguration(from: &section))
      case .mclmc: .mclmc(try MCLMCConfiguration(from: &section))
      case .mams: .mams(try MAMSConfiguration(from: &section))
      }
  }
}

extension NUTSConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    maxDepth = try section.optional("maxDepth")?.integer(in: 1...20) ?? maxDepth
    targetAcceptance = try section.optional("targetAcceptance")?.number(in: acceptances) ?? targetAcceptance
    initialStepSize = try section.optional("initialStepSize")?.number(in: stepSizes) ?? initialStepSize
  }
}

extension HMCConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    leapfrogSteps = try section.optional("leapfrogSteps")?.integer(in: 1...100_000) ?? leapfrogSteps
    targetAcceptance = try section.optional("targetAcceptance")?.number(in: acceptances) ?? targetAcceptance
    initialStepSize = try section.optional("initialStepSize")?.number(in: stepSizes) ?? initialStepSize
  }
}

extension MetropolisConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    targetAcceptance = try section.optional("targetAcceptance")?.number(in: acceptances) ?? targetAcceptance
    initialStepSize = try section.optional("initialStepSize")?.number(in: stepSizes) ?? initialStepSize
  }
}

extension MCLMCConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    energyVariance = try section.optional("energyVariance")?.number(in: 1e-8...1) ?? energyVariance
    initialEnergyVariance = try section.optional("initialEnergyVariance")?.number(in: 1e-8...1)
    integrator = try section.optional("integrator")?.choice(of: MicrocanonicalIntegrator.self) ?? integrator
    initialStepSize = try section.optional("initialStepSize")?.number(in: stepSizes)
  }
}

extension MAMSConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    targetAcceptance = try section.optional("targetAcceptance")?.number(in: acceptances) ?? targetAcceptance
    integrator = try section.optional("integrator")?.choice(of: MicrocanonicalIntegrator.self) ?? integrator
    initialStepSize = try section.optional("initialStepSize")?.number(in: stepSizes)
  }
}
