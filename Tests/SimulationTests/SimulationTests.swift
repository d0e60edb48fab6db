import Simulation
import Testing

/// G1 to G6, G8 and G9 in clusters where everything goes wrong, around the real scheduler and the real agents.
///
/// `Scripts/simulate` runs any number of seeds, and prints the trace of one that fails.
@Suite struct SimulationTests {
  private static let seedsOfShare: UInt64 = 100

  /// 2,000 seeds, in shares that run side by side.
  @Test(arguments: 0..<UInt64(20))
  func everyPromiseIsKept(share: UInt64) {
    let first = 1 + share * Self.seedsOfShare
    var total = (faults: 0, commits: 0, outcomes: 0)
    for seed in first..<first + Self.seedsOfShare {
      let verdict = Simulation(seed: seed).run()
      if let failure = verdict.failure { Issue.record("seed \(seed): \(failure)") }
      total.faults += verdict.faults
      total.commits += verdict.commits
      total.outcomes += verdict.outcomes.values.reduce(0, +)
    }
    // Simulations in which hardly anything happens would prove nothing.
    #expect(total.faults > 500 && total.commits > 5000 && total.outcomes > 500, "\(total)")
  }

  /// The defect is found within 2,000 seeds, and for what it is.
  @Test(arguments: expectations)
  func everyMutantIsCaught(_ expectation: Expectation) throws {
    let failure = (1...2000).lazy.compactMap { Simulation(seed: $0, mutant: expectation.mutant).run().failure }.first
    let found = try #require(failure, "\(expectation.mutant) lives")
    #expect(expectation.promises.contains(found.promise), "\(expectation.mutant): \(found)")
  }

  @Test func everyMutantIsExpected() {
    #expect(Set(expectations.map(\.mutant)) == Set(Mutant.allCases).subtracting([.none]))
  }

  @Test(arguments: [UInt64(3), 14, 159])
  func theSameSeedDoesTheSameAgain(seed: UInt64) {
    let (first, second) = (Simulation(seed: seed).run(tracing: true), Simulation(seed: seed).run(tracing: true))
    #expect(first.trace.count > 100)
    #expect(first.trace == second.trace)
    // Watching changes nothing.
    #expect(Simulation(seed: seed).run().events == first.events)
  }
}

/// Which promises a mutant may be found to break.
struct Expectation: Sendable, CustomTestStringConvertible {
  let mutant: Mutant
  let promises: [String]

  init(_ mutant: Mutant, _ promises: String...) { (self.mutant, self.promises) = (mutant, promises) }

  var testDescription: String { mutant.rawValue }
}

private let expectations = [
  // G4 if the commit that is taken is a forged one.
  Expectation(.epochNotCompared, "G2", "G4"),
  Expectation(.gapAccepted, "G1"),
  Expectation(.acknowledgedBeforePersisted, "G3"),
  Expectation(.catalogueNotSynced, "G3"),
  Expectation(.blobNotSynced, "G3"),
  Expectation(.shownBeforeNamed, "G5"),
  Expectation(.metadataNotSynced, "G5"),
  Expectation(.outboxDropped, "G8"),
  Expectation(.revocationIgnored, "G2"),
  Expectation(.leasesForgotten, "G8"),
  Expectation(.leasesRestoredStale, "G8"),
  Expectation(.silenceJudgedFirst, "G8"),
  Expectation(.needsIgnored, "placement"),
  Expectation(.sharesDistorted, "fair share"),
  Expectation(.budgetSpentByLosses, "retry budget"),
]
