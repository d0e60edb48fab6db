/// What Laplace's method has found about a member's weights: the content of `members/<k>/laplace.json`.
public struct LaplaceSummary: SummaryFile, Equatable, Sendable {
  /// Precision of the prior of each layer, in the order in which they are run.
  public var priorPrecisions: [Double]
  /// How many weights of each layer the data decide.
  public var effectiveParameters: [Double]
  /// Standard deviation of the noise of the standardised number to predict; nil for classes.
  public var noise: Double?
  /// Logarithm of the evidence, for the standardised number.
  public var logEvidence: Double
  /// The precisions that were tried on the validation part; nil if none were.
  public var candidates: [Candidate]?

  /// A precision, and how badly the validation part is predicted under it.
  public struct Candidate: Codable, Equatable, Sendable {
    public var precision: Double
    /// Mean −log p of the true class, or of the density of the standardised number, in nats.
    public var negativeLogLikelihood: Double

    public init(precision: Double, negativeLogLikelihood: Double) {
      (self.precision, self.negativeLogLikelihood) = (precision, negativeLogLikelihood)
    }
  }

  public init(
    priorPrecisions: [Double], effectiveParameters: [Double], noise: Double?, logEvidence: Double,
    candidates: [Candidate]?
  ) {
    (self.priorPrecisions, self.effectiveParameters) = (priorPrecisions, effectiveParameters)
    (self.noise, self.logEvidence, self.candidates) = (noise, logEvidence, candidates)
  }

  /// Name of the file in the member's folder.
  public static let fileName = "laplace.json"
}
