import Formats
import Runtime
import Specification
import Store

/// Reads the draws that the chains of a job have committed.
package struct DrawReader {
  private let task: TaskContext
  private let specification: ChainsSpecification
  private let artifacts: [String: TaskArtifact]

  init(_ task: TaskContext, _ specification: ChainsSpecification) throws {
    self.task = task
    self.specification = specification
    // All chains bring the same files of data; which one is kept does not matter.
    artifacts = Dictionary(task.artifacts.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Whether the kernel reports a statistic.
  func has(_ group: String, _ array: String) -> Bool {
    artifacts["\(ChainLayout.store)/\(group)/\(array)/0.0"] != nil
  }

  /// All draws of an array, chain by chain.
  /// - Parameter rest: Sizes of its dimensions besides chain and draw.
  /// - Returns: One array a chain, draw after draw.
  func numbers(_ group: String, _ array: String, rest: [Int] = []) throws -> [[Double]] {
    try bytes(group, array, rest, width: 8).map { chain in
      integers(littleEndian: chain, as: UInt64.self).map(Double.init(bitPattern:))
    }
  }

  /// All draws of an array of truth values, chain by chain.
  func truths(_ group: String, _ array: String) throws -> [[Bool]] {
    try bytes(group, array, [], width: 1).map { chain in chain.map { $0 != 0 } }
  }

  private func bytes(_ group: String, _ array: String, _ rest: [Int], width: Int) throws -> [[UInt8]] {
    let suffix = rest.map { _ in ".0" }.joined()
    let drawBytes = rest.reduce(width, *)
    return try (0..<specification.chains).map { chain in
      let chunks = try (0..<specification.drawSegments).map { segment in
        let name = "\(ChainLayout.store)/\(group)/\(array)/\(chain).\(segment)\(suffix)"
        guard let artifact = artifacts[name] else { throw WorkloadError("No chain has committed \(name).") }
        return (name: name, bytes: try task.read(artifact))
      }
      return try Self.joined(chunks, of: specification, drawBytes: drawBytes)
    }
  }

  /// The draws of one chain from its chunks, of which the last is padded.
  /// - Throws: `WorkloadError` if a chunk, which may be anyone's, has another size than all have.
  package static func joined(
    _ chunks: [(name: String, bytes: [UInt8])], of specification: ChainsSpecification, drawBytes: Int
  ) throws(WorkloadError) -> [UInt8] {
    let size = specification.segment * drawBytes
    if let wrong = chunks.first(where: { $0.bytes.count != size }) {
      throw WorkloadError(
        "\(wrong.name) has \(wrong.bytes.count) bytes instead of \(size); no chain writes such chunks.")
    }
    return Array(chunks.flatMap(\.bytes).prefix(specification.draws * drawBytes))
  }
}
