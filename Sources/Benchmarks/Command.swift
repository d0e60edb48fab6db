import Foundation

/// Measures what the project promises, through real processes, and prints one line of JSON per figure.
///
///     Scripts/bench            all
///     Scripts/bench latency    those whose name contains the word
///     Scripts/bench cascade --short    the same with a tenth of the work, to see that it runs
///     Scripts/bench --peers            those beside peers
@main
enum Command {
  /// Below the build folder, since a temporary folder may not be on a disk.
  private static let folder = ".build/benchmarks"

  private static let all: [(name: String, measure: @Sendable (String) throws -> Void)] = [
    ("machine", MachineLimits.measure),
    ("gradient", { _ in try Gradients.measure() }),
    ("allocations", { _ in try Allocations.measure() }),
    ("microcanonical", { _ in try Microcanonical.measure() }),
    ("tasks", Throughput.measureTasks),
    ("latency", Latency.measure),
    ("bytes", Throughput.measureBytes),
    ("kill", Faults.measureKilledWorker),
    ("frozen", Silence.measureFrozenWorker),
    ("cut", Silence.measureCutHost),
    ("restart", Faults.measureRestart),
    ("scale", Scale.measure),
    ("memory", Footprint.measureQueue),
    ("run", Footprint.measureStart),
    ("storm", StormFigures.measure),
    ("unet", { _ in try UNetTraining.measure() }),
    ("cascade", CascadeStages.measure),
    ("lenet", { _ in try LeNetTraining.measure() }),
    ("lenet-ensemble", LeNetEnsemble.measure),
    ("sghmc-lenet", { _ in try ChainSteps.measure() }),
    ("two-workers", TwoWorkers.measure),
    ("gradient-peers", { _ in try GradientPeers.measure() }),
    ("hmc-peers", ChainPeers.measure),
    ("mile-peers", MilePeers.measure),
  ]

  /// Those that peers take part in, if they are installed.
  private static let withPeers: Set = [
    "unet", "lenet", "lenet-ensemble", "sghmc-lenet", "gradient-peers", "hmc-peers", "mile-peers",
  ]

  static func main() throws {
    if let stage = LoneStage(arguments: CommandLine.arguments) { return try stage.train() }
    if let chain = LoneChainRun(arguments: CommandLine.arguments) { return try chain.draw() }
    let filter = CommandLine.arguments.dropFirst().first { !$0.hasPrefix("--") } ?? ""
    let onlyPeers = CommandLine.arguments.contains("--peers")
    let chosen = all.filter {
      (filter.isEmpty || $0.name.contains(filter)) && (!onlyPeers || withPeers.contains($0.name))
    }
    guard !chosen.isEmpty else {
      FileHandle.standardError.write(Data("bench: no \(filter); known: \(all.map(\.name))\n".utf8))
      exit(64)
    }
    let path = URL(fileURLWithPath: folder).path
    for benchmark in chosen {
      do {
        try benchmark.measure(path)
      } catch {
        FileHandle.standardError.write(Data("bench: \(benchmark.name): \(error); the logs are in \(folder)\n".utf8))
        exit(70)
      }
    }
    try? FileManager.default.removeItem(atPath: path)
  }
}
