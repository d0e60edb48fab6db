/// Active learning: networks that know the labels of few pictures ask for those of others, round by round, and strategies of
/// asking are compared by what is learnt from equally many labels.
public struct AcquisitionSpecification: Equatable, Sendable {
  /// The pictures whose labels can be asked for, and those to judge by.
  public var data: LearningData
  /// What computes.
  public var network: ClassifierConfiguration
  /// How weights come to be, from the beginning in each round.
  public var training: TrainingConfiguration
  /// How there come to be several functions, whose disagreement is the epistemic uncertainty.
  public var method: EnsembleMethod
  /// What is asked for.
  public var strategies: [Strategy]
  /// How many labels are known when.
  public var labels: Labels
  /// Power of the scores that chances are proportional to (Kirsch et al. 2023); nil asks for the largest scores.
  public var coldness: Double?
  /// Pictures of unknown label that are scored in a round, by chance; nil scores all.
  public var pool: Int?
  /// Runs of each strategy, with other first labels and other networks.
  public var repeats: Int

  /// The score by which labels are asked for.
  public enum Strategy: String, CaseIterable, Sendable {
    /// The mutual information of label and function (Houlsby et al. 2011).
    case epistemic
    /// The mean entropy of the functions' predictions.
    case aleatoric
    /// The entropy of the mean prediction.
    case total
    /// Chance.
    case random
  }

  /// How many labels are known when.
  public struct Labels: Equatable, Sendable {
    /// In the first round, chosen by chance.
    public var first: Int
    /// Asked for after a round.
    public var step: Int
    /// In the last round.
    public var last: Int

    public init(first: Int = 20, step: Int = 20, last: Int = 200) {
      (self.first, self.step, self.last) = (first, step, last)
    }

    /// Number of rounds.
    public var rounds: Int { 1 + (last - first + step - 1) / step }

    /// Labels known in a round, counted from 0.
    public func known(inRound round: Int) -> Int { min(last, first + round * step) }
  }

  /// Creates a job of active learning.
  public init(
    data: LearningData, network: ClassifierConfiguration, training: TrainingConfiguration = .init(),
    method: EnsembleMethod = .deep(members: 5), strategies: [Strategy] = [.epistemic, .total, .random],
    labels: Labels = .init(), coldness: Double? = 1, pool: Int? = nil, repeats: Int = 5
  ) {
    (self.data, self.network, self.training, self.method) = (data, network, training, method)
    (self.strategies, self.labels, self.coldness, self.pool, self.repeats) = (
      strategies, labels, coldness, pool, repeats
    )
  }

  /// The networks of a round, as an ensemble.
  public var ensemble: EnsembleSpecification.Ensemble {
    .init(name: "acquisition", data: data.name, network: network, training: training, method: method)
  }

  /// A file of a run in the job's folder.
  public static func file(_ name: String, strategy: String, number: Int) -> String {
    "\(runsFolder)/\(strategy)-\(number)/\(name)"
  }

  /// The folder of all runs in the job's.
  public static let runsFolder = "runs"
}

extension AcquisitionSpecification {
  /// The files that the job reads.
  var inputs: [JobSpecification.Input] {
    data.inputs.map { JobSpecification.Input(path: $0.path, field: "data.\($0.setting)") }
  }

  /// Beginning of the names of groups of runs, before the strategy's.
  public static let groupPrefix = "run-"

  /// The strategy of a group of runs; nil for other groups.
  public static func strategy(ofGroup name: String) -> Strategy? {
    name.hasPrefix(groupPrefix) ? Strategy(rawValue: String(name.dropFirst(groupPrefix.count))) : nil
  }

  /// The tasks: all runs at once, and their comparison.
  func plan(retries: Int, needs: Needs) -> Plan {
    let runs = strategies.map { strategy in
      TaskGroup(
        name: Self.groupPrefix + strategy.rawValue, kind: "acquisition", count: repeats, retries: retries, needs: needs)
    }
    let comparison = TaskGroup(
      name: "comparison", kind: "acquisition-comparison", count: 1, after: runs.map(\.name), retries: retries,
      priority: 1, needs: needs)
    return Plan(groups: runs + [comparison])
  }
}
