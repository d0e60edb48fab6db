private let largest = 1e9

extension SamplingConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    let field = section.optional("solver")
    solver = try field?.section() ?? solver
    steps = try section.optional("steps")?.integer(in: 1...100_000) ?? steps
    spacing = try section.optional("spacing")?.section() ?? spacing
    guidance = try section.optional("guidance")?.section() ?? guidance
    threshold = try section.optional("threshold")?.section() ?? threshold
    if case .dpmSolver(let dpm) = solver, dpm.prediction == .noise, spacing.final == .zero, let field {
      throw field.error(.conflict, "`prediction: noise` cannot reach σ = 0; write `final: sigmaMin` under spacing")
    }
  }
}

extension SolverConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case ddpm, ddim, euler, eulerAncestral, heun, dpmSolver, eulerMaruyama, predictorCorrector
  }

  init(from section: inout Section) throws(SpecificationError) {
    let advice = "write `type:` and one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))"
    switch try section.required("type", advice).choice(of: Kind.self) {
    case .ddpm: self = .ddpm(try section.optional("variance")?.choice() ?? .fixedSmall)
    case .ddim: self = .ddim(eta: try section.optional("eta")?.number(in: 0...1) ?? 0)
    case .euler: self = .euler(try section.optional("churn")?.section() ?? Churn())
    case .eulerAncestral: self = .eulerAncestral(eta: try section.optional("eta")?.number(in: 0...1) ?? 1)
    case .heun: self = .heun(try section.optional("churn")?.section() ?? Churn())
    case .dpmSolver: self = .dpmSolver(try DPMSolverConfiguration(from: &section))
    case .eulerMaruyama: self = .eulerMaruyama
    case .predictorCorrector: self = .predictorCorrector(try PredictorCorrectorConfiguration(from: &section))
    }
  }
}

extension SolverConfiguration.Churn: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    amount = try section.optional("amount")?.number(in: 0...largest) ?? amount
    if let field = section.optional("sigmas") { sigmas = try field.range(in: 0...largest) }
    noise = try section.optional("noise")?.number(in: 0...10) ?? noise
  }
}

extension DPMSolverConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    order = try section.optional("order")?.integer(in: 1...3) ?? order
    prediction = try section.optional("prediction")?.choice() ?? prediction
    isStochastic = try section.optional("stochastic")?.flag() ?? isStochastic
    form = try section.optional("form")?.choice() ?? form
    correction = try section.optional("correction")?.choice() ?? correction
    lowersFinalOrder = try section.optional("lowersFinalOrder")?.flag() ?? lowersFinalOrder
    endsWithEuler = try section.optional("endsWithEuler")?.flag() ?? endsWithEuler
    if isStochastic, order == 3 {
      throw SpecificationError(
        .conflict, "the stochastic solver is of order 1 or 2", file: section.file, line: section.line,
        field: section.path)
    }
  }
}

extension PredictorCorrectorConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    signalToNoise = try section.optional("signalToNoise")?.number(in: 1e-6...10) ?? signalToNoise
    corrections = try section.optional("corrections")?.integer(in: 0...100) ?? corrections
    stepSize = try section.optional("stepSize")?.choice() ?? stepSize
  }
}

extension SpacingConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case timesteps, karras, exponential
  }

  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    timesteps = try section.optional("timesteps")?.choice() ?? timesteps
    offset = try section.optional("offset")?.integer(in: 0...1000) ?? offset
    rounding = try section.optional("rounding")?.choice() ?? rounding
    final = try section.optional("final")?.choice() ?? final
    sigmaMax = try section.optional("sigmaMax")?.number(in: 1...largest) ?? sigmaMax
    switch try section.optional("sigmas")?.choice(of: Kind.self) ?? .timesteps {
    case .timesteps: sigmas = .timesteps
    case .exponential: sigmas = .exponential
    case .karras: sigmas = .karras(rho: try section.optional("rho")?.number(in: 0.1...100) ?? 7)
    }
  }
}

extension GuidanceConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    scale = try section.optional("scale")?.number(in: 0...1000) ?? scale
    rescale = try section.optional("rescale")?.number(in: 0...1) ?? rescale
    if let field = section.optional("interval") { interval = try field.range(in: 0...largest) }
  }
}

extension ThresholdConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case none, fixed, dynamic
  }

  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    switch try section.required("type", "write `type: none`, `fixed` or `dynamic`").choice(of: Kind.self) {
    case .none: return
    case .fixed: bound = .fixed(limit: try section.optional("limit")?.number(in: 1e-3...largest) ?? 1)
    case .dynamic:
      bound = .dynamic(
        quantile: try section.optional("quantile")?.number(in: 0.01...1) ?? 0.95,
        maximum: try section.optional("maximum")?.number(in: 1...largest) ?? largest)
    }
    keepsNoise = try section.optional("keepsNoise")?.flag() ?? keepsNoise
  }
}

extension AveragingConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case plain, warmUp, power
  }

  init(from section: inout Section) throws(SpecificationError) {
    switch try section.required("type", "write `type: plain`, `warmUp` or `power`").choice(of: Kind.self) {
    case .plain: self = .plain(decay: try section.optional("decay")?.number(in: 0...1) ?? 0.9999)
    case .warmUp:
      self = .warmUp(
        decay: try section.optional("decay")?.number(in: 0...1) ?? 0.9999,
        inverseGamma: try section.optional("inverseGamma")?.number(in: 1e-3...largest) ?? 1,
        power: try section.optional("power")?.number(in: 1e-3...10) ?? 0.75)
    case .power:
      var deviations: [Double] = []
      for field in try section.optional("relativeDeviations")?.list(countMax: 8) ?? [] {
        deviations.append(try field.number(in: 0.005...0.28))
      }
      self = .power(relativeDeviations: deviations.isEmpty ? [0.05, 0.1] : deviations)
    }
  }
}
