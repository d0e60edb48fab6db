import ArgumentParser
import Foundation
import Simulation

/// Runs simulations of a cluster by their seeds.
///
/// Ends with 0 if all promises were kept, 1 if something happened that must never happen, 2 if something that must happen did
/// not, 3 if the simulation crashed, and 64 for wrong arguments.
@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Simulates clusters in which everything goes wrong, and checks what Tributary promises.",
    discussion: "Exit codes: 0 clean, 1 safety, 2 liveness, 3 crash, 64 wrong arguments.")

  @Argument(help: "One seed to simulate.") var seed: UInt64?
  @Option(help: "Simulate so many seeds.") var seeds: UInt64?
  @Option(help: "The first of them.") var from: UInt64 = 1
  @Option(help: "Processes that share the seeds.") var jobs = ProcessInfo.processInfo.activeProcessorCount
  @Option(
    help:
      "Put a defect into the cluster, to see that it is found: \(Mutant.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var mutant = Mutant.none
  @Option(help: "Instead: a calm cluster of so many workers, to see what tasks cost.") var workers: Int?
  @Option(help: "How many tasks of a second they are given.") var tasks = 1_000_000
  @Flag(help: "Print all that happens.") var trace = false
  /// How far apart the seeds of one of the processes are.
  @Option(help: .hidden) var stride: UInt64 = 0

  func validate() throws {
    guard [seed != nil, seeds != nil, workers != nil].count(where: \.self) == 1 else {
      throw ValidationError("Give one seed, or --seeds, or --workers.")
    }
    guard jobs > 0, seeds.map({ from.addingReportingOverflow($0).overflow }) != true else {
      throw ValidationError("--jobs must be at least 1, and the seeds must be numbers below 2^64.")
    }
  }

  func run() throws {
    if let workers {
      measure(workers)
    } else if let seed {
      try simulate(seed)
    } else if stride > 0 {
      try Share(first: from, end: from + (seeds ?? 0), stride: stride, mutant: mutant).run()
    } else {
      try simulateAll()
    }
  }

  private func simulate(_ seed: UInt64) throws {
    let simulation = Simulation(seed: seed, mutant: mutant)
    print("seed        \(seed)\(mutant == .none ? "" : ", mutant \(mutant.rawValue)")\n\(simulation.options)")
    var verdict = simulation.run(tracing: trace)
    // A seed replays exactly, so the trace need not be kept before it is wanted.
    if verdict.failure != nil, !trace { verdict = simulation.run(tracing: true) }
    let lines = trace ? verdict.trace[...] : verdict.trace.suffix(100)
    if lines.count < verdict.trace.count {
      print("…           the last \(lines.count) of \(verdict.trace.count) lines; --trace shows all")
    }
    for line in lines { print(line) }
    print(
      """
      \(verdict.events) events, \(verdict.faults) faults, \(verdict.commits) commits in \(Int(verdict.seconds)) virtual seconds; \
      jobs: \(verdict.outcomes.map { "\($0.value) \($0.key.rawValue)" }.sorted().joined(separator: ", "))
      """)
    guard let failure = verdict.failure else { return }
    print("\(failure)")
    throw ExitCode(failure.kind.exitCode)
  }

  private func measure(_ workers: Int) {
    let verdict = Simulation.scale(workers: workers, tasks: tasks)
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    // Processor time, not the clock's: other programs of the machine are none of the simulation's cost.
    let seconds = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    print(
      """
      \(workers) workers, \(tasks) tasks: \(verdict.events) events in \(String(format: "%.1f", seconds)) s, \
      \(Int(Double(verdict.events) / seconds)) a second; \(verdict.commits) commits in \(Int(verdict.seconds)) virtual seconds; \
      \(usage.ru_maxrss << 10 / tasks) bytes of the process for a task
      \(verdict.failure.map { "\($0)" } ?? "every promise was kept")
      """)
  }

  private func simulateAll() throws {
    let start = Date()
    let (total, findings) = try Shares(arguments: shareArguments).run()
    let wall = Date().timeIntervalSince(start)
    print(
      """
      \(total.seeds) seeds in \(String(format: "%.1f", wall)) s, \(Int(Double(total.seeds) / wall)) a second: \
      \(String(format: "%.0f", total.seconds / 3600)) simulated hours, \
      \(String(format: "%.2f", total.seconds / 3600 / wall)) in a second; \
      \(total.events) events, \(total.faults) faults, \(total.commits) commits
      """)
    guard let finding = findings.min(by: { $0.seed < $1.seed }) else { return }
    if finding.isCrash {
      print("seed \(finding.seed) crashes; replay it with: Scripts/simulate \(finding.seed)")
      throw ExitCode(3)
    }
    try simulate(finding.seed)
  }

  /// The arguments of the processes that share the seeds.
  private var shareArguments: [[String]] {
    let count = UInt64(jobs)
    return (0..<min(count, seeds ?? 0)).map { position in
      [
        "--seeds", "\((seeds ?? 0) - position)", "--from", "\(from + position)", "--stride", "\(count)", "--mutant",
        mutant.rawValue,
      ]
    }
  }
}

extension Mutant: ExpressibleByArgument {}

extension Failure.Kind {
  var exitCode: Int32 {
    switch self {
    case .safety: 1
    case .liveness: 2
    }
  }
}
