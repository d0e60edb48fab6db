/// How the weights of a member come to be.
public struct TrainingConfiguration: Equatable, Sendable {
  /// How weights follow their gradients.
  public var optimizer: OptimizerConfiguration
  /// How often the training part is gone through.
  public var epochs: Int
  /// Inputs of a step.
  public var batch: Int
  /// Epochs between two commits.
  public var segment: Int
  /// What happens to pictures before they are seen.
  public var augmentation: Augmentation
  /// Share of a label's probability that is spread over all classes (Szegedy et al. 2016).
  public var labelSmoothing: Double
  /// Precision τ of a Gaussian prior N(0, 1/τ) on all weights, whose negative logarithm joins the loss: weights are those of
  /// largest posterior density. 0 is none.
  public var priorPrecision: Double
  /// Weights averaged over the last share of the epochs (Izmailov et al. 2018); 0 takes the last ones.
  public var averagedShare: Double
  /// What the loss of an input is multiplied by, by its class; nil weighs all the same.
  public var weights: ClassWeighting?
  /// What is learnt from besides the data; nil is nothing.
  public var pseudoLabels: PseudoLabels?

  /// What happens to a picture before it is seen, anew in each epoch.
  public struct Augmentation: Equatable, Sendable {
    /// Zeros on each side, from which a part of the old size is cut at a random place.
    public var crop: Int
    /// Whether every other picture is seen from the other side.
    public var mirror: Bool

    public init(crop: Int = 0, mirror: Bool = false) { (self.crop, self.mirror) = (crop, mirror) }
  }

  /// Creates a training.
  public init(
    optimizer: OptimizerConfiguration = OptimizerConfiguration(
      method: .sgd(momentum: 0.9, nesterov: false, decay: 0), rate: 0.05, schedule: .cosine(cycles: 1),
      gradientNorm: nil),
    epochs: Int = 10, batch: Int = 128, segment: Int = 1, augmentation: Augmentation = Augmentation(),
    labelSmoothing: Double = 0, priorPrecision: Double = 0, averagedShare: Double = 0,
    weights: ClassWeighting? = nil, pseudoLabels: PseudoLabels? = nil
  ) {
    (self.optimizer, self.epochs, self.batch, self.segment) = (optimizer, epochs, batch, segment)
    (self.augmentation, self.labelSmoothing) = (augmentation, labelSmoothing)
    (self.priorPrecision, self.averagedShare) = (priorPrecision, averagedShare)
    (self.weights, self.pseudoLabels) = (weights, pseudoLabels)
  }
}

extension TrainingConfiguration: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init()
    optimizer = try section.optional("optimizer")?.section() ?? optimizer
    epochs = try section.optional("epochs")?.integer(in: 1...1_000_000) ?? epochs
    batch = try section.optional("batch")?.integer(in: 1...65_536) ?? batch
    segment = try section.optional("segment")?.integer(in: 1...100_000) ?? segment
    augmentation = try section.optional("augmentation")?.section() ?? augmentation
    labelSmoothing = try section.optional("labelSmoothing")?.number(in: 0...0.9) ?? labelSmoothing
    priorPrecision = try section.optional("priorPrecision")?.number(in: 0...1e9) ?? priorPrecision
    averagedShare = try section.optional("averagedShare")?.number(in: 0...0.9) ?? averagedShare
    weights = try section.optional("weights")?.section()
    pseudoLabels = try section.optional("pseudoLabels")?.section()
  }
}

extension TrainingConfiguration.Augmentation: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    self.init(
      crop: try section.optional("crop")?.integer(in: 0...64) ?? 0,
      mirror: try section.optional("mirror")?.flag() ?? false)
  }
}
