/// How one network becomes several functions whose disagreement is the epistemic uncertainty.
public enum EnsembleMethod: Equatable, Sendable {
  /// It does not: one network of largest posterior density.
  case single
  /// Independent initial weights and orders of the data (Lakshminarayanan et al. 2017).
  case deep(members: Int)
  /// The first `trunk` blocks are trained once, with a first head; then heads of their own upon the frozen trunk.
  case partial(members: Int, trunk: Int)
  /// Networks that share their weights but for factors of rank one, trained as one (Wen, Tran & Ba 2020).
  case batch(members: Int)
  /// The weights at the end of each cycle of the rate (Huang et al. 2017).
  case snapshots(draws: Int)
  /// Dropout at prediction as in training (Gal & Ghahramani 2016).
  case dropout(draws: Int)
  /// Batch norm with the statistics of a random mini-batch of the training part for each draw (Teye et al. 2018).
  case batchNorm(draws: Int)
  /// Each draw sees the picture augmented as in training.
  case augmentation(draws: Int)
  /// The network's outputs are the concentrations of a Dirichlet distribution (Sensoy et al. 2018).
  case dirichlet
  /// The network's outputs are those of a normal-inverse-gamma distribution (Amini et al. 2020); errors weigh `penalty` times the
  /// evidence.
  case evidential(penalty: Double)
  /// A Gaussian about the weights found, with the curvature there (MacKay 1992, Daxberger et al. 2021).
  case laplace(LaplaceConfiguration)
  /// A Gaussian with mean and covariance of the weights of the last `share` of the epochs (Maddox et al. 2019).
  case swag(rank: Int, draws: Int, share: Double)
  /// Markov chains by stochastic gradients, one a member.
  case chains(StochasticChainConfiguration)

  /// Tasks that train.
  public var members: Int {
    switch self {
    case .deep(let members), .partial(let members, _): members
    case .chains(let chains): chains.members
    default: 1
    }
  }

  /// Functions that a member gives.
  public var draws: Int {
    switch self {
    case .snapshots(let draws), .dropout(let draws), .batchNorm(let draws), .augmentation(let draws),
      .swag(_, let draws, _):
      draws
    case .batch(let members): members
    case .laplace(let laplace): laplace.draws
    case .chains(let chains): chains.draws
    case .single, .deep, .partial, .dirichlet, .evidential: 1
    }
  }

  /// Whether it has a form for numbers to predict.
  public var suitsRegression: Bool {
    switch self {
    case .single, .deep, .partial, .batch, .snapshots, .dropout, .batchNorm, .evidential, .laplace, .swag, .chains: true
    case .augmentation, .dirichlet: false
    }
  }

  /// Whether it has a form for classes.
  public var suitsClasses: Bool { if case .evidential = self { false } else { true } }

  /// Whether it knows how probable the data are under the network.
  public var hasEvidence: Bool { if case .laplace = self { true } else { false } }
}

/// The Gaussian about a mode.
public struct LaplaceConfiguration: Equatable, Sendable {
  /// What is kept of the curvature.
  public var structure: Structure
  /// Whether only the last layer's weights are uncertain.
  public var isLastLayerOnly: Bool
  /// Weights that are drawn; 0 predicts by the network made linear in its weights.
  public var draws: Int
  /// A file of weights that are taken as they are, instead of a training.
  public var weights: String?
  /// The precision of the prior.
  public var precision: Precision

  /// What is kept of the curvature.
  public enum Structure: String, CaseIterable, Sendable {
    case diagonal, kronecker, full
  }

  /// How precise the prior of the weights is.
  public enum Precision: Equatable, Sendable {
    /// As the data are most probable under: empirical Bayes; one for all layers, or one for each.
    case evidence(isPerLayer: Bool)
    /// The power of ten under which the part that is held out is predicted best.
    case validation
    case fixed(Double)
  }

  /// Creates a description.
  public init(
    structure: Structure = .kronecker, isLastLayerOnly: Bool = false, draws: Int = 0, weights: String? = nil,
    precision: Precision = .evidence(isPerLayer: false)
  ) {
    (self.structure, self.isLastLayerOnly, self.draws, self.weights) = (structure, isLastLayerOnly, draws, weights)
    self.precision = precision
  }
}

/// Chains that follow stochastic gradients and noise.
public struct StochasticChainConfiguration: Equatable, Sendable {
  /// Chains.
  public var members: Int
  /// Draws of each chain.
  public var draws: Int
  /// Epochs from a draw to the next; the first one comes so many after the training, which is the chain's burn-in.
  public var thinning: Int
  /// 1 samples the posterior, less a colder one (Wenzel et al. 2020).
  public var temperature: Double
  /// What the momentum loses in a step; 1 is SGLD (Welling & Teh 2011), less SGHMC (Chen et al. 2014).
  public var friction: Double
  /// Whether a thermostat changes the friction, so that the noise of the gradients does not warm the chain: SGNHT (Ding et al.
  /// 2014).
  public var hasThermostat: Bool
  /// Length of a step, as an optimiser's on the mean loss of an input.
  public var rate: Double
  /// Whether the rate falls to 0 as a half cosine before each draw, and begins anew after it (Zhang et al. 2020).
  public var isCyclical: Bool

  /// Creates a description.
  public init(
    members: Int = 4, draws: Int = 10, thinning: Int = 1, temperature: Double = 1, friction: Double = 0.1,
    hasThermostat: Bool = false, rate: Double = 0.01, isCyclical: Bool = false
  ) {
    (self.members, self.draws, self.thinning) = (members, draws, thinning)
    (self.temperature, self.friction, self.hasThermostat) = (temperature, friction, hasThermostat)
    (self.rate, self.isCyclical) = (rate, isCyclical)
  }
}

extension EnsembleMethod: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case single, deep, partial, batch, snapshots, dropout, batchNorm, augmentation, dirichlet, evidential, laplace, swag
    case sgld, sghmc, sgnht
  }

  init(from section: inout Section) throws(SpecificationError) {
    let kind = try section.required("type", "write `type: deep` for an ensemble of networks").choice(of: Kind.self)
    func members() throws(SpecificationError) -> Int { try section.optional("members")?.integer(in: 2...1000) ?? 5 }
    func draws(_ usual: Int = 20) throws(SpecificationError) -> Int {
      try section.optional("draws")?.integer(in: 2...10_000) ?? usual
    }
    switch kind {
    case .single: self = .single
    case .deep: self = .deep(members: try members())
    case .partial:
      let advice = "say how many of the network's first blocks all members share, such as `trunk: 2`"
      self = .partial(
        members: try members(), trunk: try section.required("trunk", advice).integer(in: 1...1000))
    case .batch: self = .batch(members: try members())
    case .snapshots: self = .snapshots(draws: try draws(5))
    case .dropout: self = .dropout(draws: try draws())
    case .batchNorm: self = .batchNorm(draws: try draws())
    case .augmentation: self = .augmentation(draws: try draws())
    case .dirichlet: self = .dirichlet
    case .evidential: self = .evidential(penalty: try section.optional("penalty")?.number(in: 0...100) ?? 0.01)
    case .laplace: self = .laplace(try LaplaceConfiguration(from: &section))
    case .swag:
      self = .swag(
        rank: try section.optional("rank")?.integer(in: 2...1000) ?? 20, draws: try draws(),
        share: try section.optional("share")?.number(in: 0.01...0.99) ?? 0.25)
    case .sgld, .sghmc, .sgnht:
      self = .chains(
        try StochasticChainConfiguration(
          from: &section, hasMomentum: kind != .sgld, hasThermostat: kind == .sgnht))
    }
  }
}

extension LaplaceConfiguration.Precision {
  private enum Word: String, CaseIterable { case evidence, layerwise, validation }

  fileprivate init(_ field: Field) throws(SpecificationError) {
    if let word = field.word, Double(word) != nil {
      self = .fixed(try field.number(in: 1e-10...1e10))
      return
    }
    switch try field.choice(of: Word.self) {
    case .evidence: self = .evidence(isPerLayer: false)
    case .layerwise: self = .evidence(isPerLayer: true)
    case .validation: self = .validation
    }
  }
}

extension LaplaceConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init(
      structure: try section.optional("structure")?.choice() ?? .kronecker,
      isLastLayerOnly: try section.optional("lastLayer")?.flag() ?? false,
      draws: try section.optional("draws")?.integer(in: 0...10_000) ?? 0,
      weights: try section.optional("weights")?.text())
    if let field = section.optional("precision") { precision = try Precision(field) }
  }
}

extension StochasticChainConfiguration {
  fileprivate init(from section: inout Section, hasMomentum: Bool, hasThermostat: Bool) throws(SpecificationError) {
    self.init(hasThermostat: hasThermostat)
    members = try section.optional("members")?.integer(in: 1...1000) ?? members
    draws = try section.optional("draws")?.integer(in: 2...10_000) ?? draws
    thinning = try section.optional("thinning")?.integer(in: 1...10_000) ?? thinning
    // A thermostat divides by it.
    temperature = try section.optional("temperature")?.number(in: (hasThermostat ? 1e-3 : 0)...1) ?? temperature
    rate = try section.optional("rate")?.number(in: 1e-9...10) ?? rate
    isCyclical = try section.optional("cyclical")?.flag() ?? isCyclical
    friction = hasMomentum ? try section.optional("friction")?.number(in: 1e-4...1) ?? friction : 1
  }
}
