/// A stage of a cascade: one diffusion model, how it is trained and how it is sampled.
public struct StageSpecification: Equatable, Sendable {
  /// Name of the stage and of its folder.
  public var name: String
  /// Width and height of its pictures.
  public var resolution: Int
  /// What computes.
  public var network: NetworkSpecification
  /// What the network is trained to do.
  public var diffusion: DiffusionConfiguration
  /// How its weights are changed.
  public var optimizer: OptimizerConfiguration
  /// The average of its weights that is sampled from.
  public var averaging: AveragingConfiguration
  /// Pictures of a step.
  public var batch: Int
  /// Steps of training; 0 trains nothing, and `weights` are sampled from as they are.
  public var steps: Int
  /// Steps between two commits.
  public var segment: Int
  /// Share of the pictures whose condition is left out in training, so that guidance has something to compare with.
  public var conditionDropout: Double
  /// Noise on the pictures that the stage enlarges; of no use in the first stage.
  public var conditioningNoise: ConditioningNoiseConfiguration
  /// Width and height of the parts of pictures it trains on; nil for whole pictures.
  public var crop: Int?
  /// Whether training sees half of the pictures from the other side.
  public var mirror: Bool
  /// A file of weights to start from, in the names of the network.
  public var weights: String?
  /// How it is sampled.
  public var sampling: SamplingConfiguration

  /// Creates a stage.
  public init(
    name: String, resolution: Int, network: NetworkSpecification = .unet(UNetSpecification()),
    diffusion: DiffusionConfiguration = DiffusionConfiguration(),
    optimizer: OptimizerConfiguration = OptimizerConfiguration(),
    averaging: AveragingConfiguration = .plain(decay: 0.999),
    batch: Int = 32, steps: Int = 10_000, segment: Int = 500, conditionDropout: Double = 0.1,
    conditioningNoise: ConditioningNoiseConfiguration = ConditioningNoiseConfiguration(), crop: Int? = nil,
    mirror: Bool = false, weights: String? = nil, sampling: SamplingConfiguration = SamplingConfiguration()
  ) {
    (self.name, self.resolution, self.network, self.diffusion) = (name, resolution, network, diffusion)
    (self.optimizer, self.averaging) = (optimizer, averaging)
    (self.batch, self.steps, self.segment) = (batch, steps, segment)
    (self.conditionDropout, self.conditioningNoise) = (conditionDropout, conditioningNoise)
    (self.crop, self.mirror, self.weights, self.sampling) = (crop, mirror, weights, sampling)
  }

  /// Number of commits of its training; the last segment may be shorter. A stage that trains nothing commits once.
  public var segments: Int { max(1, (steps + segment - 1) / segment) }

  /// Steps that are done after so many segments.
  public func steps(after segments: Int) -> Int { min(steps, segments * segment) }

  /// A file of the stage in the job's folder.
  public func file(_ name: String) -> String { "stages/\(self.name)/\(name)" }
}

extension StageSpecification: SectionDecodable {
  init(from section: inout Section) throws(SpecificationError) {
    let nameField = try section.required("name", "name the stage, such as `name: base`")
    let name = try nameField.text(bytesMax: 63)
    guard JobSpecification.isName(name) else {
      throw nameField.error(.outOfRange, "\(quoted(name)) cannot name a stage; \(JobSpecification.nameRule)")
    }
    self.init(
      name: name,
      resolution: try section.required("resolution", "give the pictures' width and height, such as `resolution: 32`")
        .integer(in: 4...4096))
    network = try section.required("network", "describe the network, such as `network: {type: unet, channels: 64}`")
      .section()
    diffusion = try DiffusionConfiguration(from: &section)
    optimizer = try section.optional("optimizer")?.section() ?? optimizer
    averaging = try section.optional("averaging")?.section() ?? averaging
    batch = try section.optional("batch")?.integer(in: 1...65_536) ?? batch
    weights = try section.optional("weights")?.text()
    // Without weights to begin with, there would be nothing to sample from.
    steps = try section.optional("steps")?.integer(in: (weights == nil ? 1 : 0)...100_000_000) ?? steps
    segment = try section.optional("segment")?.integer(in: 1...1_000_000) ?? segment
    conditionDropout = try section.optional("conditionDropout")?.number(in: 0...1) ?? conditionDropout
    conditioningNoise = try section.optional("conditioningNoise")?.section() ?? conditioningNoise
    crop = try section.optional("crop")?.integer(in: 4...4096)
    mirror = try section.optional("mirror")?.flag() ?? mirror
    sampling = try section.optional("sampling")?.section() ?? sampling
  }
}
