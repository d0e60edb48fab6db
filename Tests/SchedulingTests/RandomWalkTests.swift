import Foundation
import Scheduling
import Testing

/// G1, G2 and G8 on random walks of scheduler and agents through a cluster where everything goes wrong.
///
/// The environment variable `TRIBUTARY_WALK_SEEDS` walks another number of seeds than 300, `TRIBUTARY_WALK_SEED` one seed only.
@Suite struct RandomWalkTests {
  static let seeds: ClosedRange<UInt64> = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["TRIBUTARY_WALK_SEED"].flatMap(UInt64.init) { return seed...seed }
    return 1...max(1, environment["TRIBUTARY_WALK_SEEDS"].flatMap(UInt64.init) ?? 300)
  }()

  @Test func keepsItsPromisesAndEndsEveryJob() {
    var ended: [Job.Outcome: Int] = [:]
    for seed in Self.seeds {
      var cluster = Cluster(seed: seed)
      do {
        for _ in 0..<8000 { try cluster.step() }
        #expect(try cluster.settle(), "seed \(seed): some job never ends")
        for outcome in cluster.outcomes.values { ended[outcome, default: 0] += 1 }
      } catch {
        Issue.record("seed \(seed): \(error)")
      }
    }
    // Walks on which hardly anything was ever completed, failed or cancelled would prove nothing.
    guard Self.seeds.count >= 300 else { return }
    for outcome in [Job.Outcome.completed, .failed, .cancelled] {
      #expect(ended[outcome, default: 0] >= Self.seeds.count, "\(ended)")
    }
  }

  @Test func isTheSameForTheSameSeed() throws {
    var (first, second) = (Cluster(seed: 7), Cluster(seed: 7))
    for _ in 0..<2000 {
      try first.step()
      try second.step()
    }
    #expect(first.outcomes == second.outcomes)
  }
}
