import Formats
import Foundation

/// What strategies of asking for labels have come to: the content of `acquisition.json`.
public struct AcquisitionResult: SummaryFile, Equatable, Sendable {
  /// Name of the data.
  public var data: String
  /// The network in a few words, such as `lenet5`.
  public var network: String
  /// How there come to be several functions, such as `deep`.
  public var method: String
  /// Functions that predict.
  public var functions: Int
  /// Runs of each strategy.
  public var repeats: Int
  /// Pictures whose labels could be asked for.
  public var pool: Int
  /// Pictures to judge by.
  public var inputs: Int
  /// The strategies in the order of the job.
  public var strategies: [Strategy]

  /// What one strategy has come to.
  public struct Strategy: Codable, Equatable, Sendable {
    /// Such as `epistemic`.
    public var name: String
    /// Round by round.
    public var points: [Point]

    public init(name: String, points: [Point]) { (self.name, self.points) = (name, points) }
  }

  /// Means over the repeats with so many labels.
  public struct Point: Codable, Equatable, Sendable {
    public var labels: Int
    /// Share of right classes among the pictures to judge by.
    public var accuracy: Measured
    /// Mean −log p of the true class, in nats.
    public var negativeLogLikelihood: Measured
    /// Accuracy minus that by chance, repeat by repeat; nil for chance itself, and if the job does not have it.
    public var gain: Measured?
    /// Mean entropies of the pictures to judge by.
    public var entropy: EnsembleResult.UncertaintyMeans

    public init(
      labels: Int, accuracy: Measured, negativeLogLikelihood: Measured, gain: Measured?,
      entropy: EnsembleResult.UncertaintyMeans
    ) {
      (self.labels, self.accuracy, self.negativeLogLikelihood) = (labels, accuracy, negativeLogLikelihood)
      (self.gain, self.entropy) = (gain, entropy)
    }
  }

  public init(
    data: String, network: String, method: String, functions: Int, repeats: Int, pool: Int, inputs: Int,
    strategies: [Strategy]
  ) {
    (self.data, self.network, self.method, self.functions) = (data, network, method, functions)
    (self.repeats, self.pool, self.inputs, self.strategies) = (repeats, pool, inputs, strategies)
  }

  /// Name of the file in the job's folder.
  public static let fileName = "acquisition.json"
}

extension AcquisitionResult {
  /// Puts runs beside each other: means over the repeats, and differences to chance of the same repeat where there is one.
  /// - Parameter runs: For each strategy its repeats, each with its rounds; those that not all repeats have are left out.
  public static func strategies(_ runs: [(name: String, repeats: [[AcquisitionRound]])]) -> [Strategy] {
    let chance = runs.first { $0.name == AcquisitionSpecification.Strategy.random.rawValue }?.repeats
    return runs.map { name, repeats in
      let isChance = name == AcquisitionSpecification.Strategy.random.rawValue
      let points = (0..<(repeats.map(\.count).min() ?? 0)).map { round -> Point in
        let here = repeats.map { $0[round] }
        let others = chance.map { $0.filter { $0.count > round }.map { $0[round].accuracy } } ?? []
        let gain =
          isChance || others.count != here.count ? nil : Measured(over: zip(here, others).map { $0.accuracy - $1 })
        func mean(_ value: (AcquisitionRound) -> Double) -> Double { Measured(over: here.map(value)).mean }
        return Point(
          labels: here[0].labels, accuracy: Measured(over: here.map(\.accuracy)),
          negativeLogLikelihood: Measured(over: here.map(\.negativeLogLikelihood)), gain: gain,
          entropy: .init(
            total: mean(\.entropy.total), aleatoric: mean(\.entropy.aleatoric), epistemic: mean(\.entropy.epistemic)))
      }
      return Strategy(name: name, points: points)
    }
  }

  /// The least number of labels with which a strategy's mean accuracy is that of chance with all labels; nil if it is never, or
  /// if there is no chance to compare with.
  public func labelsForChance(_ strategy: Strategy) -> Int? {
    let chance = strategies.first { $0.name == AcquisitionSpecification.Strategy.random.rawValue }
    guard let aim = chance?.points.last?.accuracy.mean else { return nil }
    return strategy.points.first { $0.accuracy.mean >= aim }?.labels
  }
}

/// What networks that know so many labels have come to: a line of a run's `rounds.jsonl`.
public struct AcquisitionRound: Codable, Equatable, Sendable {
  public var labels: Int
  /// Share of right classes among the pictures to judge by.
  public var accuracy: Double
  /// Mean −log p of the true class, in nats.
  public var negativeLogLikelihood: Double
  /// Mean entropies of the pictures to judge by.
  public var entropy: EnsembleResult.UncertaintyMeans
  /// Labels known of each class.
  public var classes: [Int]

  public init(
    labels: Int, accuracy: Double, negativeLogLikelihood: Double, entropy: EnsembleResult.UncertaintyMeans,
    classes: [Int]
  ) {
    (self.labels, self.accuracy, self.negativeLogLikelihood) = (labels, accuracy, negativeLogLikelihood)
    (self.entropy, self.classes) = (entropy, classes)
  }

  /// Name of the file in a run's folder.
  public static let fileName = "rounds.jsonl"

  /// The line, with its end.
  public func line() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  /// Reads the lines of a file.
  /// - Throws: `DecodingError` or `FormatError` if a line is none of ours.
  public static func rounds(_ bytes: [UInt8]) throws -> [AcquisitionRound] {
    try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      try JSON.checkForeign(Array(line))
      return try JSONDecoder().decode(AcquisitionRound.self, from: Data(line))
    }
  }
}
