/// Where a chain starts.
public enum StartConfiguration: Equatable, Sendable {
  /// A draw from the model's initial distribution.
  case random
  /// Where an optimiser of the posterior ends.
  case optimized(OptimizedStart)
}

/// The search for a start of large posterior density: Adam on minibatches, from a random position, until rows that are held out
/// are predicted no better.
public struct OptimizedStart: Equatable, Sendable {
  /// How often the rows are gone through at most.
  public var epochs: Int
  /// Rows of a step.
  public var batch: Int
  /// Length of a step.
  public var rate: Double
  /// Epochs without a better prediction of the held-out rows, after which the search ends.
  public var patience: Int
  /// Share of the training rows that is held out; chains learn from all of them.
  public var validation: Double

  public init(
    epochs: Int = 500, batch: Int = 32, rate: Double = 1e-3, patience: Int = 10, validation: Double = 0.1
  ) {
    (self.epochs, self.batch, self.rate) = (epochs, batch, rate)
    (self.patience, self.validation) = (patience, validation)
  }
}

extension StartConfiguration: SectionDecodable {
  private enum Kind: String, CaseIterable {
    case random, optimized
  }

  init(from section: inout Section) throws(SpecificationError) {
    switch try section.required("type", "write `type: random` or `type: optimized`").choice(of: Kind.self) {
    case .random: self = .random
    case .optimized: self = .optimized(try OptimizedStart(from: &section))
    }
  }
}

extension OptimizedStart: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    epochs = try section.optional("epochs")?.integer(in: 1...1_000_000) ?? epochs
    batch = try section.optional("batch")?.integer(in: 1...65_536) ?? batch
    rate = try section.optional("rate")?.number(in: 1e-8...1) ?? rate
    patience = try section.optional("patience")?.integer(in: 1...1_000_000) ?? patience
    validation = try section.optional("validation")?.number(in: 0.01...0.5) ?? validation
  }
}
