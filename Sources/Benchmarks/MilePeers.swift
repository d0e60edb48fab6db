import Datasets
import Foundation
import Runtime
import Specification

/// A microcanonical Langevin ensemble of eight members and 15,000 steps as a user has it, a job on two workers, beside the
/// package of the recipe's authors on the same rows and two cores.
enum MilePeers {
  private static let rounds = 2
  private static let name = "energy-mile"
  private static let (members, tuning, sampling, thinning, epochs) = (8, 10_000, 5_000, 10, 1_000)
  private static let data = """
    {file: energy.csv, target: heating_load, testFraction: 0.2, seed: 0}
    """

  /// Wall seconds, and how well the held-out rows are predicted, in units of the target's standard deviation.
  private struct Outcome {
    let seconds: Double
    let rmse: Double
    let logDensity: Double
  }

  static func measure(in folder: String) throws {
    let settings = [members, tuning, sampling, thinning, epochs].map(String.init)
    let peer = try PeerProcess("mile_peer.py", settings, environment: "bde")
    var (ours, theirs, compilation): ([Outcome], [Outcome], [Double]) = ([], [], [])
    for seed in 1...rounds {
      ours.append(try run(seed: seed, in: "\(folder)/mile-\(seed)"))
      if let numbers = try peer?.numbers(for: "fit"), numbers.count == 4 {
        theirs.append(Outcome(seconds: numbers[0], rmse: numbers[2], logDensity: numbers[3]))
        compilation.append(numbers[1])
      }
    }
    let what = "energy, MILE of \(members) members and \(tuning + sampling) steps"
    let own = report("\(what), submission to scores: a job on two workers", ours)
    guard !theirs.isEmpty else { return }
    let other = report("\(what), one fit: sklearn-contrib-bde", theirs)
    let compiled = other - Sample(compilation).median
    Figure(
      name: "\(what), over the peer", value: own / other, unit: "times", bar: .atMost(0.25),
      note: "over the peer without its compilation: \(rounded(own / compiled)) times"
    ).print()
  }

  /// - Returns: The median of the seconds.
  private static func report(_ name: String, _ outcomes: [Outcome]) -> Double {
    let seconds = Sample(outcomes.map(\.seconds)).median
    let scores = [Sample(outcomes.map(\.rmse)).median, Sample(outcomes.map(\.logDensity)).median].map(rounded)
    Figure(
      name: name, value: seconds, unit: "s",
      note:
        "median of \(outcomes.count) rounds; standardised test RMSE \(scores[0]), log predictive density \(scores[1])"
    ).print()
    return seconds
  }

  private static func run(seed: Int, in folder: String) throws -> Outcome {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let table = try Data(contentsOf: URL(fileURLWithPath: "Sources/Datasets/Resources/uci/energy.csv"))
    try table.write(to: URL(fileURLWithPath: "\(folder)/energy.csv"))
    let path = "\(folder)/\(name).yaml"
    try Data(yaml(seed: seed).utf8).write(to: URL(fileURLWithPath: path))
    for number in 1...2 { try cluster.startWorker("worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    let seconds = try elapsed { try cluster.run(path, name, client, every: 0.02) }
    let summary = URL(fileURLWithPath: "\(cluster.store)/jobs/\(name)/\(EvaluationSummary.fileName)")
    let prediction = try EvaluationSummary(json: Array(try Data(contentsOf: summary))).prediction
    let job = try JobSpecification(yaml: yaml(seed: seed), file: path)
    guard case .chains(let chains) = job.work else { throw Stopped(what: path) }
    let scale = try RegressionData(chains.data, file: Array(table)).targetScaling.scale
    return Outcome(
      seconds: seconds, rmse: prediction.rmse / scale, logDensity: prediction.logPredictiveDensity + log(scale))
  }

  private static func yaml(seed: Int) -> String {
    """
    kind: chains
    name: \(name)
    seed: \(seed)
    data: \(data)
    model:
      type: mlp
      hidden: [16, 16]
      activation: relu
      prior: {type: fixed, scale: 1}
      noise: {type: perRow}
    start: {type: optimized, epochs: \(epochs)}
    kernel: {type: mclmc}
    chains: \(members)
    warmup: \(tuning)
    draws: \(sampling / thinning)
    thinning: \(thinning)
    segment: 250
    """
  }
}
