import Datasets
import Foundation
import Runtime
import Specification

/// A microcanonical Langevin ensemble of eight members and 15,000 steps as a user has it, a job on two workers, beside the
/// package of the recipe's authors on the same rows and two cores.
enum MilePeers {
  private static let rounds = 5
  private static let name = "energy-mile"
  private static let (members, tuning, sampling, thinning, epochs) = (8, 10_000, 5_000, 10, 1_000)
  private static let data = """
    {file: energy.csv, target: heating_load, testFraction: 0.2, seed: 0}
    """

  static func measure(in folder: String) throws {
    let settings = [members, tuning, sampling, thinning, epochs].map(String.init)
    let peer = try PeerProcess("mile_peer.py", settings, environment: "bde")
    var (ours, theirs, compilation): ([ChainOutcome], [ChainOutcome], [Double]) = ([], [], [])
    for seed in 1...rounds {
      ours.append(try run(seed: seed, in: "\(folder)/mile-\(seed)"))
      if let numbers = try peer?.numbers(for: "\(seed)"), numbers.count == 4 {
        theirs.append(ChainOutcome(seconds: numbers[0], rmse: numbers[2], logDensity: numbers[3]))
        compilation.append(numbers[1])
      }
    }
    let what = "energy, MILE of \(members) members and \(tuning + sampling) steps"
    let own = ChainOutcome.report("\(what), submission to scores: a job on two workers", ours, "standardised")
    guard !theirs.isEmpty else { return }
    let other = ChainOutcome.report("\(what), one fit: sklearn-contrib-bde", theirs, "standardised")
    let compiled = other - Sample(compilation).median
    Figure(
      name: "\(what), over the peer", value: own / other, unit: "times", bar: .atMost(0.25),
      note: "over the peer without its compilation: \(rounded(own / compiled)) times"
    ).print()
  }

  /// Submission to scores, which are in units of the target's standard deviation.
  private static func run(seed: Int, in folder: String) throws -> ChainOutcome {
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
    let scores = try prediction(of: name, in: cluster.store)
    let job = try JobSpecification(yaml: yaml(seed: seed), file: path)
    guard case .chains(let chains) = job.work else { throw Stopped(what: path) }
    let scale = try RegressionData(chains.data, file: Array(table)).targetScaling.scale
    return ChainOutcome(
      seconds: seconds, rmse: scores.rmse / scale, logDensity: scores.logPredictiveDensity + log(scale))
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
    kernel: {type: mclmc, energyVariance: 0.1, initialEnergyVariance: 0.5}
    chains: \(members)
    warmup: \(tuning)
    draws: \(sampling / thinning)
    thinning: \(thinning)
    segment: 250
    """
  }
}
