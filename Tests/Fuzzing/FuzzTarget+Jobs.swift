import Formats
import Foundation
import Posterior
import Specification
import Store
import Tensors
import Uncertainty
import Workloads

/// What users and workers write: job files, and what chains leave behind.
extension FuzzTarget {
  static let jobs = [
    FuzzTarget(
      "job",
      tokens: [
        "&a ", "*a", "? ", ": ", "- ", "[", "]", "{", "}", "!!int ", "!<x> ", "|\n ", ">\n ", "---\n", "...\n",
        "%YAML 1.1\n",
        "\"", "'", "\\u0000", "\\ud800", "\u{2028}", "\u{85}", "\u{feff}", "\0", "\t", "\r", "\r\n", "#", " #", "<<: ",
        "~",
        ".inf", "0x10", "1_000", "\u{0301}", "🧵", "\u{7f}", "kind: ", "chains", "probe", "data: ", "model: ",
        "kernel: ",
      ]
    ) {
      do {
        let job = try JobSpecification(yaml: $0, file: "job.yaml")
        let plan = job.plan()
        try promise((1...1_000_001).contains(plan.taskCount), "a plan of \(plan.taskCount) tasks")
        let again = try promised("the plan") { try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(plan)) }
        try promise(again == plan, "the plan is not read as it was written")
      } catch let error as SpecificationError {
        try promise(error.description.hasPrefix("job.yaml"), "\(error) does not name the file")
        throw error
      }
    },
    FuzzTarget("layout", tokens: jsonTokens + ["\"indices\"", "\"_0\"", "\"labels\"", "\"<f8\"", "16777216"]) { bytes in
      let layout = try roundTrip(bytes) {
        try ZarrLayout(json: $0)
      } write: {
        try Array(encoder.encode($0))
      }
      let extents = Dictionary(uniqueKeysWithValues: layout.counters.map { ($0.name, $0.extent) })
      _ = try promised("reading the metadata") { try JSON(bytes: layout.metadata(extents: extents)) }
      for file in layout.initialFiles().prefix(3) { try promise(file.bytes.count <= 1 << 27, "\(file.path) is large") }
      for group in layout.groups {
        for array in group.arrays {
          let chunk = try promised("a chunk") { try layout.chunk(group: group.name, array: array.name) }
          try promise(chunk.byteCount <= 1 << 30, "\(chunk.path()) has \(chunk.byteCount) bytes")
        }
      }
    },
    FuzzTarget("summary", tokens: jsonTokens + ["\"chains\"", "\"inf\"", "\"rHat\"", "\"prediction\""]) { bytes in
      _ = try roundTrip(bytes) {
        try EvaluationSummary(json: $0)
      } write: {
        try $0.json()
      }
    },
    FuzzTarget(
      "checkpoint", tokens: jsonTokens + ["F64", "I64", "I32"], examples: { try [chain().snapshot.checkpoint()] }
    ) {
      let snapshot = try Snapshot(checkpoint: $0)
      let bytes = try promised("writing") { try snapshot.checkpoint() }
      let again = try promised("reading again") { try Snapshot(checkpoint: bytes).checkpoint() }
      try promise(again == bytes, "the snapshot is not read as it was written")
    },
    FuzzTarget("chain", tokens: jsonTokens + ["F64", "I64"], examples: { try [chain().snapshot.checkpoint()] }) {
      var chain = try Chain(
        resuming: try Snapshot(checkpoint: $0), density.get(), kernel: kernel, warmUpIterations: 20,
        key: RandomKey(seed: 1))
      _ = try chain.advance()
    },
    FuzzTarget(
      "paused-segment", tokens: jsonTokens + ["segment/columns/", "segment/statistics/100/"], examples: pauses
    ) {
      let (statistics, columns) = try SegmentRecord.gathered(in: $0)
      try promise(statistics.allSatisfy { $0.count == statistics[0].count }, "an iteration lacks a statistic")
      try promise(columns.values.reduce(0) { $0 + $1.count } <= $0.count, "more values than bytes")
    },
    FuzzTarget("draws", tokens: []) { bytes in
      // Two chunks, whose sizes the first byte decides.
      let end = min(bytes.count, Int(bytes.first ?? 0))
      let chunks = [bytes[..<end], bytes[end...]].enumerated().map { (name: "chunk \($0)", bytes: Array($1)) }
      let joined = try DrawReader.joined(chunks, of: chains, drawBytes: 8)
      let draws = integers(littleEndian: joined, as: UInt64.self).map(Double.init(bitPattern:))
      try promise(draws.count == chains.draws, "\(draws.count) draws")
      _ = try Diagnostics(chains: [draws, draws])
      _ = Diagnostics.energyFractionOfMissingInformation(energies: draws)
      _ = try PredictiveSummary(predictions: draws.map { [$0] }, noiseScales: draws, targets: [draws[0]])
    },
  ]

  /// Reads a value, and makes sure that it is read as it is written. What Foundation says of bytes it cannot decode is not
  /// ours, and nobody is shown it.
  private static func roundTrip<Value>(
    _ bytes: [UInt8], read: ([UInt8]) throws -> Value, write: (Value) throws -> [UInt8]
  ) throws -> Value {
    let value: Value
    do { value = try read(bytes) } catch is DecodingError { throw Refusal("not a \(Value.self)") }
    let written = try promised("writing") { try write(value) }
    let again = try promised("reading again") { try write(try read(written)) }
    try promise(again == written, "\(Value.self) is not read as it was written")
    return value
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return encoder
  }
}

/// A small chain that snapshots belong to.
private let kernel = KernelConfiguration.nuts(NUTSConfiguration(maxDepth: 4))
private let chains = ChainsSpecification(
  data: DataSpecification(source: .shipped(.yacht)), model: .linear(LinearConfiguration()), draws: 6, segment: 4)
private let density = Result { () throws(PosteriorError) in
  try LinearRegression(inputs: [0, 1, 2, 3, 4, 5], rows: 6, columns: 1, targets: [1, 3, 2, 5, 4, 6])
}

/// A checkpoint inside a segment.
private func pauses() throws -> [[UInt8]] {
  var file = Safetensors()
  file["segment/columns/posterior/sigma"] = try Safetensors.Tensor([0.5, 0.6])
  file["segment/statistics/100/lp"] = try Safetensors.Tensor([-1.5, -1.25])
  file["segment/statistics/101/diverging"] = try Safetensors.Tensor([false, true])
  return [try file.encoded(), try chain().snapshot.checkpoint()]
}

private func chain() throws -> Chain {
  var chain = try Chain(try density.get(), kernel: kernel, warmUpIterations: 20, key: RandomKey(seed: 1))
  for _ in 0..<12 { _ = try chain.advance() }
  return chain
}
