/// What the evaluation of a job of chains found: the content of `summary.json`.
public struct EvaluationSummary: SummaryFile, Equatable, Sendable {
  /// Convergence of one quantity, or the worst of several.
  public struct Convergence: Codable, Equatable, Sendable {
    /// Which quantity, such as `noise` or `predictions (worst)`.
    public var name: String
    /// Rank-normalised split R-hat (Vehtari et al. 2021); 1 is perfect, up to 1.01 is good.
    public var rHat: Double
    /// Effective draws for the centre of the distribution.
    public var bulkESS: Double
    /// Effective draws for its 5 % and 95 % quantiles.
    public var tailESS: Double

    public init(name: String, rHat: Double, bulkESS: Double, tailESS: Double) {
      self.name = name
      self.rHat = rHat
      self.bulkESS = bulkESS
      self.tailESS = tailESS
    }
  }

  /// One chain.
  public struct Chain: Codable, Equatable, Sendable {
    public var divergences: Int
    /// Energy Bayesian fraction of missing information; below 0.3 the tails are explored badly. Absent without energy.
    public var eBFMI: Double?
    public var stepSize: Double
    /// Mean acceptance rate. Absent without a Metropolis test.
    public var acceptance: Double?

    public init(divergences: Int, eBFMI: Double?, stepSize: Double, acceptance: Double?) {
      self.divergences = divergences
      self.eBFMI = eBFMI
      self.stepSize = stepSize
      self.acceptance = acceptance
    }
  }

  /// How well the held-out rows are predicted, in the unit of the target.
  public struct Prediction: Codable, Equatable, Sendable {
    public var testRows: Int
    /// Root of the mean squared error of the predictive mean.
    public var rmse: Double
    /// Mean log predictive density of a held-out row.
    public var logPredictiveDensity: Double
    /// Share of held-out targets inside the central interval of this probability.
    public var coverage: Double
    public var coverageProbability: Double
    /// Mean variance of a prediction: total = aleatoric + epistemic (law of total variance).
    public var totalVariance: Double
    public var aleatoricVariance: Double
    public var epistemicVariance: Double

    public init(
      testRows: Int, rmse: Double, logPredictiveDensity: Double, coverage: Double, coverageProbability: Double,
      totalVariance: Double, aleatoricVariance: Double, epistemicVariance: Double
    ) {
      self.testRows = testRows
      self.rmse = rmse
      self.logPredictiveDensity = logPredictiveDensity
      self.coverage = coverage
      self.coverageProbability = coverageProbability
      self.totalVariance = totalVariance
      self.aleatoricVariance = aleatoricVariance
      self.epistemicVariance = epistemicVariance
    }
  }

  public var draws: Int
  public var convergence: [Convergence]
  public var chains: [Chain]
  public var prediction: Prediction
  /// What has not converged and what that means, in sentences.
  public var remarks: [String]
  /// Name of the Zarr store in the job's folder.
  public var store: String

  public init(
    draws: Int, convergence: [Convergence], chains: [Chain], prediction: Prediction, remarks: [String], store: String
  ) {
    self.draws = draws
    self.convergence = convergence
    self.chains = chains
    self.prediction = prediction
    self.remarks = remarks
    self.store = store
  }

  /// Name of the file in the job's folder.
  public static let fileName = "summary.json"
}
