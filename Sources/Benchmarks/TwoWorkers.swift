import Foundation
import Runtime
import Specification
import Workloads

/// What coordination costs two chains that run at the same time: two workers under a coordinator, through a shared store, take
/// turns with two processes that know of no coordinator, write nothing and draw exactly the same.
///
/// Counted from the end of a chain's first segment to its last draw, so no start is in it, but every commit is.
enum TwoWorkers {
  /// Many short rounds, each way first in every second one: the processors' clock is another after some seconds.
  private static let rounds = 12

  static func measure(in folder: String) throws {
    let isShort = CommandLine.arguments.contains("--short")
    let job = EnergyChains(
      kernel: "{type: nuts, maxDepth: 7}", chains: 2, warmup: isShort ? 50 : 100, draws: isShort ? 50 : 200)
    var (alone, coordinated): ([[Double]], [[Double]]) = ([], [])
    for round in 0..<(isShort ? 2 : rounds) {
      // Each round in a new folder, where no blob of another one spares a worker its writing.
      let place = "\(folder)/two-workers-\(round)"
      let cluster = try Cluster(in: place)
      defer { cluster.stop() }
      let path = try job.write(to: place)
      func drawAlone() throws {
        alone.append(try secondsAlone((0..<job.chains).map { [LoneChainRun.word, path, "\($0)"] }))
      }
      if round.isMultiple(of: 2) { try drawAlone() }
      coordinated.append(try draw(job, path, on: cluster))
      if !round.isMultiple(of: 2) { try drawAlone() }
      for chain in 0..<job.chains {
        let files = ["lone-\(chain).safetensors", "store/jobs/\(EnergyChains.name)/chains/\(chain)/state.safetensors"]
        let states = try files.map { try Data(contentsOf: URL(fileURLWithPath: "\(place)/\($0)")) }
        guard states[0] == states[1] else { throw OtherDraws(chain: chain) }
      }
    }
    report(job, alone, coordinated)
  }

  private static func report(_ job: EnergyChains, _ alone: [[Double]], _ coordinated: [[Double]]) {
    func rate(_ times: [Double]) -> Double { times.reduce(0) { $0 + Double(job.timedIterations) / $1 } }
    Figure(
      name: "two chains in two processes on their own", value: Sample(alone.map(rate)).median, unit: "draws/s",
      note:
        "median of \(alone.count) rounds; longest chain \(rounded(alone.flatMap(\.self).max() ?? 0)) s; warm-up counts"
    ).print()
    Figure(
      name: "two chains on two workers under a coordinator", value: Sample(coordinated.map(rate)).median,
      unit: "draws/s",
      note: "a commit every 50 draws, hashed, fsynced and published"
    ).print()
    let ratios = Sample(zip(coordinated, alone).map { rate($0) / rate($1) })
    Figure(
      name: "two chains, under a coordinator over on their own", value: ratios.median, unit: "", bar: .atLeast(0.97),
      note:
        "median of alternated rounds, from \(rounded(ratios.least)) to \(rounded(ratios.most)); the draws are the same"
    ).print()
  }

  /// Runs both chains at the same time as a user does.
  private static func draw(_ job: EnergyChains, _ path: String, on cluster: Cluster) throws -> [Double] {
    for number in 1...2 { try cluster.startWorker("worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    try cluster.run(path, EnergyChains.name, client, every: 0.5)
    return try (0..<job.chains).map {
      try job.lastWritten($0, in: cluster.store) - job.firstWritten($0, in: cluster.store)
    }
  }

  /// The two ways have not done the same.
  private struct OtherDraws: Error { let chain: Int }
}

/// A chain in a process of its own, for which the benchmarks' program starts itself again.
struct LoneChainRun {
  static let word = "draw-alone"
  private let path: String
  private let chain: Int

  /// The chain that a command line asks for; nil if it asks for something else.
  init?(arguments: [String]) {
    guard arguments.count == 4, arguments[1] == Self.word, let chain = Int(arguments[3]) else { return nil }
    (path, self.chain) = (arguments[2], chain)
  }

  /// Draws, prints the seconds from the end of the first segment to the last draw, and keeps the state.
  func draw() throws {
    Workshop.complete.prepare(1)
    let file = URL(fileURLWithPath: path)
    var chain = try LoneChain(chain, of: try JobSpecification(yaml: try Data(contentsOf: file), file: path))
    try chain.advance()
    let seconds = try elapsed { while !chain.isComplete { try chain.advance() } }
    let state = file.deletingLastPathComponent().appendingPathComponent("lone-\(self.chain).safetensors")
    try Data(try chain.state()).write(to: state)
    print(seconds)
  }
}
