import Scheduling

/// A broken promise, found by a simulation.
public struct Failure: Sendable, CustomStringConvertible {
  /// What kind of trouble it is.
  public enum Kind: String, Sendable {
    /// Something happened that must never happen.
    case safety
    /// Something that must happen did not.
    case liveness
  }

  public let kind: Kind
  /// Which promise: G1 to G9, or what else is promised.
  public let promise: String
  public let reason: String
  /// Virtual seconds from the start.
  public let seconds: Double

  public var description: String { "\(kind.rawValue): \(promise): \(reason), at \(short(seconds)) s" }
}

/// What came of a simulation.
public struct Verdict: Sendable {
  /// Nil if every promise was kept.
  public let failure: Failure?
  public let seconds: Double
  public let events: Int
  public let faults: Int
  public let commits: Int
  /// How jobs ended.
  public let outcomes: [Job.Outcome: Int]
  /// What happened, a line each, if it was asked for.
  public let trace: [String]
}

/// A cluster in virtual time around the real scheduler and the real worker agents. Everything follows from the seed: the
/// cluster, its work, and all that goes wrong.
public struct Simulation: Sendable {
  public let seed: UInt64
  public let mutant: Mutant

  public init(seed: UInt64, mutant: Mutant = .none) {
    self.seed = seed
    self.mutant = mutant
  }

  /// What this seed simulates, for people.
  public var options: String {
    var chance = Chance(seed: seed)
    return Options(&chance).description
  }

  /// A large calm cluster with one job of many tasks of a second, to see what they cost.
  public static func scale(workers: Int, tasks: Int) -> Verdict {
    let options = Options(workers: workers, tasks: tasks)
    return run(Cluster(seed: 1, options: options, chance: Chance(seed: 1), mutant: .none, trace: nil))
  }

  /// Runs until all jobs have ended after the last fault, or a promise is broken.
  public func run(tracing: Bool = false) -> Verdict {
    var chance = Chance(seed: seed)
    let options = Options(&chance)
    let cluster = Cluster(
      seed: seed, options: options, chance: chance, mutant: mutant, trace: tracing ? Trace() : nil)
    return Self.run(cluster)
  }

  private static func run(_ cluster: Cluster) -> Verdict {
    cluster.run()
    return Verdict(
      failure: cluster.failure, seconds: Double(cluster.now.nanoseconds) / 1e9, events: cluster.events,
      faults: cluster.faults, commits: cluster.ledger.commits,
      outcomes: cluster.ledger.outcomes.values.reduce(into: [:]) { $0[$1, default: 0] += 1 },
      trace: cluster.trace?.lines ?? [])
  }
}
