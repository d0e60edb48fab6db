/// What pictures are drawn at the end, of captions, of classes, or of nothing.
public struct SamplesSpecification: Equatable, Sendable {
  /// Captions to draw, in a cascade of text.
  public var prompts: [String]
  /// Classes to draw, in a cascade of classes.
  public var classes: [Int]
  /// Pictures of each caption or class, or altogether without these.
  public var count: Int
  /// Pictures of a task.
  public var batch: Int

  /// Creates a description of samples.
  public init(prompts: [String] = [], classes: [Int] = [], count: Int = 8, batch: Int = 16) {
    (self.prompts, self.classes, self.count, self.batch) = (prompts, classes, count, batch)
  }

  /// Captions or classes.
  public var conditionCount: Int { max(1, max(prompts.count, classes.count)) }

  /// Pictures altogether.
  public var total: Int { conditionCount * count }
}

/// Pictures of the whole cascade, as far as it has weights, while it trains.
public struct PreviewSpecification: Equatable, Sendable {
  /// How often.
  public var every: Pace
  /// What is drawn.
  public var samples: SamplesSpecification

  /// Creates a description of previews.
  public init(every: Pace = .seconds(600), samples: SamplesSpecification = SamplesSpecification(count: 4)) {
    (self.every, self.samples) = (every, samples)
  }

  /// How often previews are made.
  public enum Pace: Equatable, Sendable {
    /// Each time the first stage has done so many further steps, at the next commit.
    case steps(Int)
    /// So often.
    case seconds(Double)
  }
}

/// How drawn pictures are compared with those of the data.
public struct EvaluationSpecification: Equatable, Sendable {
  /// Pictures that are drawn and compared, for each guidance.
  public var count: Int
  /// Pictures of a task.
  public var batch: Int
  /// Guidance scales to compare, for all stages; empty takes each stage's own.
  public var guidance: [Double]
  /// What features of pictures are compared.
  public var features: Features
  /// Pictures of the data that are compared at most.
  public var references: Int

  /// What features of pictures are compared.
  public enum Features: Equatable, Sendable {
    /// Those of a small network that a task of the job trains on the same data: to tell classes, or which caption belongs to
    /// which picture.
    case trained(steps: Int)
    /// Those of a TorchScript file.
    case file(String)
  }

  /// Creates a description of an evaluation.
  public init(
    count: Int = 1000, batch: Int = 50, guidance: [Double] = [], features: Features = .trained(steps: 1500),
    references: Int = 10_000
  ) {
    (self.count, self.batch, self.guidance) = (count, batch, guidance)
    (self.features, self.references) = (features, references)
  }
}
