import Foundation
import Runtime
import Specification

/// Four chains of 500 + 500 iterations as a user has them, a job on two workers, beside a peer that only draws, on two cores and
/// compiled beforehand.
enum ChainPeers {
  private static let rounds = 3
  private static let kernels = [
    Kernel(name: "HMC of 32 leapfrog steps", yaml: "{type: hmc, leapfrogSteps: 32}", peer: "blackjax-hmc"),
    Kernel(name: "NUTS of depth 7", yaml: "{type: nuts, maxDepth: 7}", peer: "numpyro-nuts"),
  ]

  private struct Kernel {
    let name: String
    let yaml: String
    let peer: String
  }

  /// What four chains took, and how well they predict the held-out rows, in the target's unit.
  private struct Outcome {
    /// From the first iteration to the last draw.
    let seconds: Double
    let rmse: Double
    let logDensity: Double
  }

  static func measure(in folder: String) throws {
    for kernel in kernels { try measure(kernel, in: folder) }
  }

  private static func measure(_ kernel: Kernel, in folder: String) throws {
    let count = CommandLine.arguments.contains("--short") ? 50 : 500
    let peer = try PeerProcess("chains_peer.py", [kernel.peer], environment: "chains")
    var (ours, theirs, wholes): ([Outcome], [Outcome], [Double]) = ([], [], [])
    for seed in 1...rounds {
      let job = EnergyChains(kernel: kernel.yaml, chains: 4, warmup: count, draws: count, seed: seed)
      let (outcome, whole) = try run(job, in: "\(folder)/\(kernel.peer)-\(seed)")
      ours.append(outcome)
      wholes.append(whole)
      if let numbers = try peer?.numbers(for: "\(count) \(count) \(seed)"), numbers.count == 3 {
        theirs.append(Outcome(seconds: numbers[0], rmse: numbers[1], logDensity: numbers[2]))
      }
    }
    let name = "energy, 4 chains of \(count) + \(count), \(kernel.name)"
    let whole = Sample(wholes).median
    let drawing = report(name, "a job on two workers", ours, "; submission to scores \(rounded(whole)) s")
    guard !theirs.isEmpty else { return }
    let peers = report(name, kernel.peer, theirs, "; compiled beforehand")
    Figure(
      name: "\(name), over the peer", value: drawing / peers, unit: "times", bar: .atMost(0.5),
      note: "submission to scores: \(rounded(whole / peers)) times"
    ).print()
  }

  /// - Returns: The median of the seconds.
  private static func report(_ name: String, _ who: String, _ outcomes: [Outcome], _ note: String) -> Double {
    let seconds = Sample(outcomes.map(\.seconds)).median
    let scores = [Sample(outcomes.map(\.rmse)).median, Sample(outcomes.map(\.logDensity)).median].map(rounded)
    Figure(
      name: "\(name), first iteration to last draw: \(who)", value: seconds, unit: "s",
      note: "median of \(outcomes.count) rounds; test RMSE \(scores[0]), log predictive density \(scores[1])\(note)"
    ).print()
    return seconds
  }

  /// Runs a job in a new folder.
  /// - Returns: Its outcome, and seconds from submission to scores.
  private static func run(_ job: EnergyChains, in folder: String) throws -> (Outcome, whole: Double) {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let path = try job.write(to: folder)
    for number in 1...2 { try cluster.startWorker("worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    let whole = try elapsed { try cluster.run(path, EnergyChains.name, client, every: 0.02) }
    let files = EnergyChains.files(of: cluster.store)
    let last = try (0..<job.chains).map { try job.lastWritten($0, in: cluster.store) }.max() ?? 0
    let json = try Data(contentsOf: URL(fileURLWithPath: "\(files)/\(EvaluationSummary.fileName)"))
    let prediction = try EvaluationSummary(json: Array(json)).prediction
    // Chains start as soon as the job is accepted, which is when its file is written.
    let seconds = try last - secondsWritten("\(files)/job.yaml")
    return (Outcome(seconds: seconds, rmse: prediction.rmse, logDensity: prediction.logPredictiveDensity), whole)
  }
}
