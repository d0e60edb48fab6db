import Foundation
import Store

/// A small store of every kind of group and type, with values that `Readers/check.py` computes for itself.
struct ExampleStore {
  static let (chains, draws, warmup, segment) = (4, 120, 60, 50)
  let layout: ZarrLayout

  init() throws {
    let theta = ZarrDimension(name: "theta_dim", coordinates: .indices(3))
    let observations = ZarrDimension(name: "obs", coordinates: .integers([7, 3]))
    let features = ZarrDimension(name: "feature", coordinates: .labels(["rooms", "größe"]))
    layout = try ZarrLayout(
      attributes: ["inference_library": "tributary", "creation_library": "tributary"],
      counters: [
        ZarrCounter(name: "draw", chains: Self.chains, draws: Self.draws, chunkDraws: Self.segment),
        ZarrCounter(name: "warmup", chains: Self.chains, draws: Self.warmup, chunkDraws: Self.segment),
        ZarrCounter(name: "evaluation", chains: Self.chains, draws: Self.draws, chunkDraws: Self.draws),
      ],
      groups: [
        ZarrGroup(
          name: "posterior", growth: .draws(counter: "draw"), attributes: ["inference_library": "tributary"],
          dimensions: [theta],
          arrays: [
            ZarrArray(
              name: "theta", dtype: .float64, dimensions: ["theta_dim"], attributes: ["long_name": "weights"]),
            ZarrArray(name: "sigma", dtype: .float64),
          ]),
        ZarrGroup(
          name: "sample_stats", growth: .draws(counter: "draw"),
          arrays: [ZarrArray(name: "diverging", dtype: .bool), ZarrArray(name: "tree_depth", dtype: .int64)]),
        ZarrGroup(
          name: "warmup_sample_stats", growth: .draws(counter: "warmup"),
          arrays: [ZarrArray(name: "step_size", dtype: .float32)]),
        ZarrGroup(
          name: "posterior_predictive", growth: .draws(counter: "evaluation"), dimensions: [observations],
          arrays: [ZarrArray(name: "y", dtype: .float64, dimensions: ["obs"])]),
        ZarrGroup(
          name: "observed_data", growth: .fixed(after: "evaluation"), dimensions: [observations],
          arrays: [ZarrArray(name: "y", dtype: .float64, dimensions: ["obs"])]),
        ZarrGroup(
          name: "constant_data", growth: .fixed(after: nil), dimensions: [observations, features],
          arrays: [ZarrArray(name: "x", dtype: .float64, dimensions: ["obs", "feature"])]),
      ])
  }

  /// What stands in the store from the start.
  func writeInitialFiles(to root: URL) throws {
    for file in layout.initialFiles() { try write(file.bytes, file.path, root) }
    let x = try layout.chunk(group: "constant_data", array: "x")
    try write(x.encoded([1.0, 2, 3, 4]), x.path(), root)
    try publish([:], to: root)
  }

  func publish(_ extents: [String: ZarrExtent], to root: URL) throws {
    try write(layout.metadata(extents: extents), ZarrLayout.metadataPath, root)
  }

  /// All chunks of one segment of a chain.
  func writeSegment(_ segment: Int, chain: Int, to root: URL) throws {
    let draws = segment * Self.segment..<min(Self.draws, (segment + 1) * Self.segment)
    let values = draws.map { Double(1000 * chain + $0) }
    let theta = try layout.chunk(group: "posterior", array: "theta")
    let thetas = values.flatMap { value in [0.0, 1, 2].map { value + $0 / 10 } }
    try write(theta.encoded(thetas), theta.path(chain: chain, segment: segment), root)
    let sigma = try layout.chunk(group: "posterior", array: "sigma")
    try write(sigma.encoded(values.map { -$0 }), sigma.path(chain: chain, segment: segment), root)
    let diverging = try layout.chunk(group: "sample_stats", array: "diverging")
    try write(diverging.encoded(draws.map { $0 % 7 == 3 }), diverging.path(chain: chain, segment: segment), root)
    let depth = try layout.chunk(group: "sample_stats", array: "tree_depth")
    try write(depth.encoded(draws.map { $0 % 9 - 1 }), depth.path(chain: chain, segment: segment), root)
  }

  func writeWarmup(to root: URL) throws {
    let chunk = try layout.chunk(group: "warmup_sample_stats", array: "step_size")
    for chain in 0..<Self.chains {
      for (segment, draws) in [0..<50, 50..<60].enumerated() {
        let bytes = try chunk.encoded(draws.map { 0.5 + Double(100 * chain + $0) })
        try write(bytes, chunk.path(chain: chain, segment: segment), root)
      }
    }
  }

  func writeEvaluation(to root: URL) throws {
    let observed = try layout.chunk(group: "observed_data", array: "y")
    try write(observed.encoded([10.5, -1]), observed.path(), root)
    let predicted = try layout.chunk(group: "posterior_predictive", array: "y")
    for chain in 0..<Self.chains {
      let values = (0..<Self.draws).flatMap { draw -> [Double] in [Double(1000 * chain + draw), -1] }
      try write(predicted.encoded(values), predicted.path(chain: chain), root)
    }
  }

  func write(_ bytes: [UInt8], _ path: String, _ root: URL) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }
}
