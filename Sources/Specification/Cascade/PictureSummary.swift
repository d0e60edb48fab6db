/// How the pictures of a cascade compare with those of the data: the content of `evaluation.json`.
public struct PictureSummary: SummaryFile, Equatable, Sendable {
  /// Pictures of one kind, compared with pictures held out from training.
  public struct Row: Codable, Equatable, Sendable {
    /// Guidance of all stages; nil if each had its own, or for pictures of the data.
    public var guidance: Double?
    /// Pictures that were compared.
    public var count: Int
    /// Fréchet distance of the features (Heusel et al. 2017); 0 is the same distribution.
    public var frechetDistance: Double
    /// Kernel distance of the features (Bińkowski et al. 2018), times 1000.
    public var kernelDistance: Double
    /// Share of these pictures that lie among those of the data (Kynkäänniemi et al. 2019).
    public var precision: Double
    /// Share of the data's pictures that lie among these.
    public var recall: Double
    /// How sure and how varied the feature network's classes are (Salimans et al. 2016); nil without classes.
    public var inceptionScore: Double?
    /// Share of pictures whose own caption, or class, wins against `candidates − 1` others; nil without captions and classes.
    public var retrieval: Double?

    public init(
      guidance: Double?, count: Int, frechetDistance: Double, kernelDistance: Double, precision: Double, recall: Double,
      inceptionScore: Double?, retrieval: Double?
    ) {
      (self.guidance, self.count, self.frechetDistance) = (guidance, count, frechetDistance)
      (self.kernelDistance, self.precision, self.recall) = (kernelDistance, precision, recall)
      (self.inceptionScore, self.retrieval) = (inceptionScore, retrieval)
    }
  }

  /// What features were compared, in a few words.
  public var features: String
  /// Pictures of the data that all others are compared with.
  public var references: Int
  /// Captions or classes that one is to win against, itself included.
  public var candidates: Int?
  /// Pictures of the data held out, as if they had been drawn: what a perfect cascade would reach. nil if none were held out.
  public var data: Row?
  /// The drawn pictures, for each guidance.
  public var drawn: [Row]

  public init(features: String, references: Int, candidates: Int?, data: Row?, drawn: [Row]) {
    (self.features, self.references, self.candidates) = (features, references, candidates)
    (self.data, self.drawn) = (data, drawn)
  }

  /// Name of the file in the job's folder.
  public static let fileName = "evaluation.json"
}
