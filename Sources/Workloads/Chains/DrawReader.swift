import Formats
import Runtime
import Specification
import Store

/// Reads the draws that the chains of a job have committed.
struct DrawReader {
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
    let length = specification.draws * rest.reduce(width, *)
    return try (0..<specification.chains).map { chain in
      var bytes: [UInt8] = []
      for segment in 0..<specification.drawSegments {
        let name = "\(ChainLayout.store)/\(group)/\(array)/\(chain).\(segment)\(suffix)"
        guard let artifact = artifacts[name] else { throw WorkloadError("No chain has committed \(name).") }
        bytes += try task.read(artifact)
      }
      // The last chunk is padded.
      return Array(bytes.prefix(length))
    }
  }
}
