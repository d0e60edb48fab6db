import Posterior
import Specification

/// One chain of a job in a process that no coordinator knows of: what coordination costs is measured against it.
///
/// It computes the draws and predictions that a worker computes, and encodes and writes none of them.
package struct LoneChain {
  private let experiment: ChainExperiment
  private let number: Int
  private var chain: Chain
  /// Segments done.
  package private(set) var segments = 0

  /// Starts a chain of a job on a shipped set.
  /// - Throws: `WorkloadError` if the job has no chains, and what setting up its posterior throws.
  package init(_ number: Int, of job: JobSpecification) throws {
    experiment = try ChainExperiment(job, table: nil)
    self.number = number
    chain = try experiment.chain(number)
  }

  /// Whether the last segment is done.
  package var isComplete: Bool { segments == experiment.segmentCount }

  /// Computes the next segment.
  package mutating func advance() throws {
    var record = SegmentRecord(experiment, chain: number, segment: segments)
    for _ in 0..<experiment.draws(ofSegment: segments) { try record.add(try chain.advance(), at: chain.position) }
    segments += 1
  }

  /// The chain's state as a worker commits it.
  package func state() throws -> [UInt8] { try chain.snapshot.checkpoint() }
}
