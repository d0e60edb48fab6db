/// Independent Markov chains on one posterior.
public struct ChainsSpecification: Equatable, Sendable {
  /// The table and its split.
  public var data: DataSpecification
  /// The model whose posterior is sampled.
  public var model: ModelConfiguration
  /// The transition of every chain.
  public var kernel: KernelConfiguration
  /// Where every chain starts.
  public var start: StartConfiguration
  /// Number of chains.
  public var chains: Int
  /// Warm-up draws of a chain, during which the kernel adapts.
  public var warmup: Int
  /// Kept draws of a chain.
  public var draws: Int
  /// Recorded iterations between two commits.
  public var segment: Int
  /// Iterations for each kept draw: the last of every so many is kept.
  public var thinning: Int

  /// Creates a description of chains.
  public init(
    data: DataSpecification, model: ModelConfiguration, kernel: KernelConfiguration = .nuts(NUTSConfiguration()),
    start: StartConfiguration = .random, chains: Int = 4, warmup: Int = 500, draws: Int = 500, segment: Int = 50,
    thinning: Int = 1
  ) {
    self.data = data
    self.model = model
    self.kernel = kernel
    self.start = start
    self.chains = chains
    self.warmup = warmup
    self.draws = draws
    self.segment = segment
    self.thinning = thinning
  }

  /// Segments of a chain's warm-up; the last may be shorter.
  public var warmupSegments: Int { (warmup + segment - 1) / segment }

  /// Segments of a chain's kept draws; the last may be shorter.
  public var drawSegments: Int { (draws + segment - 1) / segment }

  /// Whether an iteration, counted from 0 through warm-up and draws, is recorded: all of warm-up are.
  public func records(iteration: Int) -> Bool {
    iteration < warmup || (iteration - warmup + 1).isMultiple(of: thinning)
  }
}

extension ChainsSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let data = try section.required("data", "say what to learn from, such as `data: {set: yacht}`")
    let model = try section.required("model", "describe the model, such as `model: {type: mlp, hidden: [50]}`")
    self.init(data: try data.section(), model: try model.section())
    kernel = try section.optional("kernel")?.section() ?? kernel
    if let field = section.optional("start") {
      start = try field.section()
      if case .optimized = start, case .linear = self.model {
        throw field.error(.conflict, "a linear model needs no search for a start: leave it out")
      }
    }
    chains = try section.optional("chains")?.integer(in: 1...1024) ?? chains
    warmup = try section.optional("warmup")?.integer(in: 0...1_000_000) ?? warmup
    // Convergence cannot be judged from fewer.
    draws = try section.optional("draws")?.integer(in: 4...10_000_000) ?? draws
    segment = try section.optional("segment")?.integer(in: 1...100_000) ?? segment
    thinning = try section.optional("thinning")?.integer(in: 1...10_000) ?? thinning
  }
}
