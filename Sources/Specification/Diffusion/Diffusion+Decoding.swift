/// Numbers of steps a job file may give.
private let chainLengths = 2...100_000
private let sigmas = 1e-6...1e6

extension DiffusionConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    schedule = try section.optional("schedule")?.section() ?? schedule
    let output = section.optional("parameterization")
    parameterization =
      try output.map { field throws(SpecificationError) in try Parameterization(field) } ?? parameterization
    let variance = section.optional("learnsVariance")
    learnsVariance = try variance?.flag() ?? learnsVariance
    lossWeight = try section.optional("lossWeight")?.section() ?? lossWeight
    boundWeight = try section.optional("boundWeight")?.number(in: 0...1000) ?? boundWeight
    try validate(output, variance)
  }

  private func validate(_ output: Field?, _ variance: Field?) throws(SpecificationError) {
    if learnsVariance, let variance {
      guard case .discrete(let discrete) = schedule, !discrete.zeroTerminalSNR else {
        throw variance.error(
          .conflict, "the variance is learnt on a schedule of timesteps without zeroTerminalSNR; choose such a schedule"
        )
      }
      if case .edm = parameterization {
        throw variance.error(.conflict, "EDM's preconditioning has no learnt variance; use epsilon, x0 or v")
      }
    }
    if case .discrete(let discrete) = schedule, discrete.zeroTerminalSNR {
      switch parameterization {
      case .x0, .v: break
      case .epsilon, .edm:
        let message = "with zeroTerminalSNR the last timestep is pure noise, from which this says nothing; use v or x0"
        if let output { throw output.error(.conflict, message) }
      }
    }
  }
}

extension Parameterization: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case epsilon, x0, v, edm
  }

  /// A word, or for EDM a section that may give `sigmaData`.
  fileprivate init(_ field: Field) throws(SpecificationError) {
    guard field.word != nil else {
      self = try field.section()
      return
    }
    self = Self.of(try field.choice(of: Kind.self), sigmaData: 0.5)
  }

  init(from section: inout Section) throws(SpecificationError) {
    let kind = try section.required("type", "write `type: epsilon`, `x0`, `v` or `edm`").choice(of: Kind.self)
    let sigmaData = kind == .edm ? try section.optional("sigmaData")?.number(in: sigmas) : nil
    self = Self.of(kind, sigmaData: sigmaData ?? 0.5)
  }

  private static func of(_ kind: Kind, sigmaData: Double) -> Parameterization {
    switch kind {
    case .epsilon: .epsilon
    case .x0: .x0
    case .v: .v
    case .edm: .edm(sigmaData: sigmaData)
    }
  }
}

extension LossWeight: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case simple, minSNR, p2, edm
  }

  init(from section: inout Section) throws(SpecificationError) {
    switch try section.required("type", "write `type: simple`, `minSNR`, `p2` or `edm`").choice(of: Kind.self) {
    case .simple: self = .simple
    case .minSNR: self = .minSNR(gamma: try section.optional("gamma")?.number(in: sigmas) ?? 5)
    case .p2:
      self = .p2(
        k: try section.optional("k")?.number(in: sigmas) ?? 1,
        gamma: try section.optional("gamma")?.number(in: 0...10) ?? 1)
    case .edm: self = .edm(sigmaData: try section.optional("sigmaData")?.number(in: sigmas) ?? 0.5)
    }
  }
}

extension ConditioningNoiseConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    if let field = section.optional("training") { training = try field.range(in: 0...1) }
    sampling = try section.optional("sampling")?.number(in: 0...1) ?? sampling
  }
}

extension NoiseScheduleConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case linear, scaledLinear, cosine, sigmoid, continuousLinear, continuousCosine, karras, vp, ve, subVP
  }

  init(from section: inout Section) throws(SpecificationError) {
    let advice = "write `type:` and one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))"
    switch try section.required("type", advice).choice(of: Kind.self) {
    case .linear: self = .discrete(try .init(.linear, from: &section))
    case .scaledLinear: self = .discrete(try .init(.scaledLinear, from: &section))
    case .cosine: self = .discrete(try .init(.cosine, from: &section))
    case .sigmoid: self = .discrete(try .init(.sigmoid, from: &section))
    case .continuousLinear: self = .logSNR(.linear)
    case .continuousCosine: self = .logSNR(.cosine)
    case .karras: self = .karras(try KarrasScheduleConfiguration(from: &section))
    case .vp:
      let betas = try section.ordered("betaMin", "betaMax", default: (0.1, 20))
      self = .sde(.vp(betaMin: betas.0, betaMax: betas.1))
    case .subVP:
      let betas = try section.ordered("betaMin", "betaMax", default: (0.1, 20))
      self = .sde(.subVP(betaMin: betas.0, betaMax: betas.1))
    case .ve:
      let range = try section.ordered("sigmaMin", "sigmaMax", default: (0.01, 50))
      self = .sde(.ve(sigmaMin: range.0, sigmaMax: range.1))
    }
  }
}

extension DiscreteScheduleConfiguration {
  fileprivate init(_ shape: Shape, from section: inout Section) throws(SpecificationError) {
    let isScaled = shape == .scaledLinear
    self.init(shape: shape, betaStart: isScaled ? 0.00085 : 1e-4, betaEnd: isScaled ? 0.012 : 0.02)
    timesteps = try section.optional("timesteps")?.integer(in: chainLengths) ?? timesteps
    zeroTerminalSNR = try section.optional("zeroTerminalSNR")?.flag() ?? zeroTerminalSNR
    guard shape != .cosine else { return }
    betaStart = try section.optional("betaStart")?.number(in: 1e-9...0.999) ?? betaStart
    betaEnd = try section.optional("betaEnd")?.number(in: 1e-9...0.999) ?? betaEnd
  }
}

extension KarrasScheduleConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    (sigmaMin, sigmaMax) = try section.ordered("sigmaMin", "sigmaMax", default: (sigmaMin, sigmaMax))
    logMean = try section.optional("logMean")?.number(in: -10...10) ?? logMean
    logDeviation = try section.optional("logDeviation")?.number(in: 1e-3...10) ?? logDeviation
  }
}

extension Section {
  /// Two positive numbers, the second larger than the first.
  fileprivate mutating func ordered(
    _ low: String, _ high: String, default defaults: (Double, Double)
  ) throws(SpecificationError) -> (Double, Double) {
    let lowest = try optional(low)?.number(in: sigmas) ?? defaults.0
    let field = optional(high)
    let highest = try field?.number(in: sigmas) ?? defaults.1
    guard lowest < highest else {
      throw SpecificationError(
        .conflict, "must be larger than \(low), which is \(lowest)", file: file, line: field?.line ?? line,
        field: path.isEmpty ? high : "\(path).\(high)")
    }
    return (lowest, highest)
  }
}

extension Field {
  /// Two numbers in brackets, the second not below the first.
  func range(in limits: ClosedRange<Double>) throws(SpecificationError) -> ClosedRange<Double> {
    let ends = try list(countMax: 2)
    guard ends.count == 2 else { throw wrongType("two numbers such as [0, 1]") }
    let (low, high) = (try ends[0].number(in: limits), try ends[1].number(in: limits))
    guard low <= high else { throw error(.outOfRange, "the second number must not be below the first") }
    return low...high
  }
}
