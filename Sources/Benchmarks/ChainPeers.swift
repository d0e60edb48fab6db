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

  static func measure(in folder: String) throws {
    for kernel in kernels { try measure(kernel, in: folder) }
  }

  private static func measure(_ kernel: Kernel, in folder: String) throws {
    let count = CommandLine.arguments.contains("--short") ? 50 : 500
    let peer = try PeerProcess("chains_peer.py", [kernel.peer], environment: "chains")
    var (ours, theirs, wholes): ([ChainOutcome], [ChainOutcome], [Double]) = ([], [], [])
    for seed in 1...rounds {
      let job = EnergyChains(kernel: kernel.yaml, chains: 4, warmup: count, draws: count, seed: seed)
      let (outcome, whole) = try run(job, in: "\(folder)/\(kernel.peer)-\(seed)")
      ours.append(outcome)
      wholes.append(whole)
      if let numbers = try peer?.numbers(for: "\(count) \(count) \(seed)"), numbers.count == 3 {
        theirs.append(ChainOutcome(seconds: numbers[0], rmse: numbers[1], logDensity: numbers[2]))
      }
    }
    let name = "energy, 4 chains of \(count) + \(count), \(kernel.name)"
    let whole = Sample(wholes).median
    let drawing = ChainOutcome.report(
      "\(name), first iteration to last draw: a job on two workers", ours,
      "the target's unit; submission to scores \(rounded(whole)) s")
    guard !theirs.isEmpty else { return }
    let peers = ChainOutcome.report(
      "\(name), first iteration to last draw: \(kernel.peer)", theirs, "the target's unit; compiled beforehand")
    Figure(
      name: "\(name), over the peer", value: drawing / peers, unit: "times", bar: .atMost(0.5),
      note: "submission to scores: \(rounded(whole / peers)) times"
    ).print()
  }

  /// Runs a job in a new folder.
  /// - Returns: Its outcome, and seconds from submission to scores.
  private static func run(_ job: EnergyChains, in folder: String) throws -> (ChainOutcome, whole: Double) {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let path = try job.write(to: folder)
    for number in 1...2 { try cluster.startWorker("worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    let whole = try elapsed { try cluster.run(path, EnergyChains.name, client, every: 0.02) }
    let files = EnergyChains.files(of: cluster.store)
    let last = try (0..<job.chains).map { try job.lastWritten($0, in: cluster.store) }.max() ?? 0
    let scores = try prediction(of: EnergyChains.name, in: cluster.store)
    // Chains start as soon as the job is accepted, which is when its file is written.
    let seconds = try last - secondsWritten("\(files)/job.yaml")
    return (ChainOutcome(seconds: seconds, rmse: scores.rmse, logDensity: scores.logPredictiveDensity), whole)
  }
}
