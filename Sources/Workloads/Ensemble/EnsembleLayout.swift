import Formats
import Foundation
import Runtime
import Specification
import Store

/// The Zarr stores of an ensemble, one for each division of its data, in ArviZ's layout: a member is a chain, its functions are
/// draws.
///
/// `posterior_predictive` has `probability` (input, class) or `y` (input, number), that is mean and variance of the standardised
/// number, or mean, aleatoric and epistemic variance of it; `log_likelihood`
/// has `y`, that of the test part; `predictions` has the probabilities for the unknown and the shifted sets.
enum EnsembleLayout {
  /// Chunks and what shows them, by names in the job's folder.
  typealias Files = (chunks: [String: [UInt8]], metadata: [String: [UInt8]])

  static func stores(
    _ ensemble: EnsembleSpecification.Ensemble, _ sets: [LearningSet], _ files: MemberFiles
  ) throws -> Files {
    var made: Files = ([:], [:])
    for (split, set) in sets.enumerated() {
      let folder = sets.count == 1 ? "posterior.zarr" : "splits/\(split)/posterior.zarr"
      let store = try EnsembleStore(files.members(split: split), set, others: ensemble.others)
      for (path, bytes) in try store.chunks() { made.chunks[ensemble.file("\(folder)/\(path)")] = bytes }
      for (path, bytes) in store.metadata { made.metadata[ensemble.file("\(folder)/\(path)")] = bytes }
    }
    return made
  }
}

/// The Zarr store of the members of an ensemble on one division of its data.
private struct EnsembleStore {
  private let members: [MemberPredictions]
  private let set: LearningSet
  private let others: [String]
  private let layout: ZarrLayout
  private static let counter = "draw"

  init(_ members: [MemberPredictions], _ set: LearningSet, others: [String]) throws {
    (self.members, self.set, self.others) = (members, set, others)
    let kind = members[0].kind
    let draws = ZarrGroup.Growth.draws(counter: Self.counter)
    let input = ZarrDimension(name: "input", coordinates: .indices(set.test.count))
    let columns = ZarrDimension(name: kind.dimension, coordinates: .labels(kind.columns(members[0].width, set)))
    func array(_ name: String, _ dimensions: [String]) -> ZarrArray {
      ZarrArray(name: name, dtype: .float64, dimensions: dimensions)
    }
    var groups = [
      ZarrGroup(
        name: "posterior_predictive", growth: draws, dimensions: [input, columns],
        arrays: [array(kind.array, ["input", kind.dimension])]),
      ZarrGroup(
        name: "observed_data", growth: .fixed(after: nil), dimensions: [input], arrays: [array("y", ["input"])]),
    ]
    if kind != .evidence, kind != .concentrations {
      groups.append(
        ZarrGroup(name: "log_likelihood", growth: draws, dimensions: [input], arrays: [array("y", ["input"])]))
    }
    if !others.isEmpty {
      let inputs = others.map { name in
        ZarrDimension(name: "\(name)_input", coordinates: .indices(members[0].inputs(of: name)))
      }
      groups.append(
        ZarrGroup(
          name: "predictions", growth: draws, dimensions: inputs + [columns],
          arrays: others.map { array($0, ["\($0)_input", kind.dimension]) }))
    }
    layout = try ZarrLayout(
      attributes: ["creation_library": "tributary", "inference_library": "tributary"],
      counters: [
        ZarrCounter(name: Self.counter, chains: members.count, draws: members[0].draws, chunkDraws: members[0].draws)
      ], groups: groups)
  }

  private var extents: [String: ZarrExtent] {
    [Self.counter: ZarrExtent(chains: members.count, draws: members[0].draws)]
  }

  /// Chunks, and what stands in the store besides the metadata.
  func chunks() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for file in layout.initialFiles() { files[file.path] = file.bytes }
    for file in layout.finalFiles(extents: extents) { files[file.path] = file.bytes }
    func put(_ values: [Double], _ group: String, _ array: String, chain: Int = 0) throws {
      let chunk = try layout.chunk(group: group, array: array)
      files[chunk.path(chain: chain)] = try chunk.encoded(values)
    }
    let targets = set.classes == nil ? set.test.values : set.test.labels.map(Double.init)
    try put(targets, "observed_data", "y")
    for (chain, member) in members.enumerated() {
      let test = (member.draws(of: "test") ?? []).map { $0.map(Double.init) }
      try put(test.flatMap { $0 }, "posterior_predictive", member.kind.array, chain: chain)
      if let likelihood = member.kind.logLikelihood {
        let values = test.flatMap { draw in
          targets.enumerated().map { input, target in
            likelihood(draw[(input * member.width)..<((input + 1) * member.width)], target)
          }
        }
        try put(values, "log_likelihood", "y", chain: chain)
      }
      for name in others {
        try put((member.draws(of: name) ?? []).flatMap { $0.map(Double.init) }, "predictions", name, chain: chain)
      }
    }
    return files
  }

  /// What shows the chunks to readers.
  var metadata: [String: [UInt8]] { [ZarrLayout.metadataPath: layout.metadata(extents: extents)] }
}

extension MemberPredictions.Kind {
  /// Name of the array in a Zarr store.
  fileprivate var array: String {
    switch self {
    case .probabilities: "probability"
    case .concentrations: "concentration"
    case .normals, .linearized, .evidence: "y"
    }
  }

  /// Name of the dimension that numbers of one prediction lie along.
  fileprivate var dimension: String {
    switch self {
    case .probabilities, .concentrations: "class"
    case .normals, .linearized, .evidence: "number"
    }
  }

  fileprivate func columns(_ width: Int, _ set: LearningSet) -> [String] {
    switch self {
    case .probabilities, .concentrations: (0..<width).map(set.className)
    case .normals: ["mean", "variance"]
    case .linearized: ["mean", "aleatoric", "epistemic"]
    case .evidence: ["gamma", "nu", "alpha", "beta"]
    }
  }

  /// Logarithm of the probability, or density, of a target under one prediction.
  fileprivate var logLikelihood: ((ArraySlice<Double>, Double) -> Double)? {
    switch self {
    case .probabilities: { log($0[$0.startIndex + Int($1)]) }
    case .normals, .linearized:
      { normal, target in
        let (mean, variance) = (normal[normal.startIndex], normal.dropFirst().reduce(0, +))
        return -0.5 * (log(2 * .pi * variance) + (target - mean) * (target - mean) / variance)
      }
    case .concentrations, .evidence: nil
    }
  }
}
