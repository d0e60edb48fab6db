import Datasets
import Formats
import Foundation
import Posterior
import Runtime
import Store
import Tensors

/// The draws of one segment of a chain, on their way into chunks of the Zarr store.
package struct SegmentRecord {
  private let experiment: ChainExperiment
  private let chain: Int
  private let segment: Int
  private let isWarmUp: Bool
  var statistics: [[SampleStatistic]] = []
  var columns: [Column: [Double]] = [:]
  private var parameters: [NamedArray] = []

  /// An array of the store that grows with the draws.
  package struct Column: Hashable, Sendable {
    package let group: String
    package let array: String
  }

  init(_ experiment: ChainExperiment, chain: Int, segment: Int) {
    self.experiment = experiment
    self.chain = chain
    self.segment = segment
    isWarmUp = segment < experiment.specification.warmupSegments
  }

  /// Iterations recorded so far.
  var count: Int { statistics.count }

  /// Records an iteration; positions of warm-up are no draws, and are not kept.
  mutating func add(_ transition: Chain.Transition, at position: [Double]) throws {
    statistics.append(transition.statistics)
    parameters = experiment.model.parameters(at: position)
    guard !isWarmUp else { return }
    for parameter in parameters { append(parameter.values, to: "posterior", parameter.name) }
    try addPredictions(at: position, iteration: transition.iteration)
  }

  private mutating func addPredictions(at position: [Double], iteration: Int) throws {
    let (model, data) = (experiment.model, experiment.data)
    let scaling = data.targetScaling
    let fitted = try model.predictions(at: position, inputs: data.training.inputs)
    let predicted = try model.predictions(at: position, inputs: data.test.inputs)
    let key = experiment.key(ofChain: chain).folding(in: UInt64(iteration))
    let noise = key.purpose("posterior predictive").normals(count: fitted.means.count)
    let newNoise = key.purpose("predictions").normals(count: predicted.means.count)
    let likelihood = try fitted.logDensities(of: data.training.targets)
    // A density in the unit of the target is that of the standardised target divided by the scale.
    append(likelihood.map { $0 - log(scaling.scale) }, to: "log_likelihood", "y")
    append(fitted.draws(noise).map(scaling.restored), to: "posterior_predictive", "y")
    append(predicted.means.map(scaling.restored), to: "predictions", "mean")
    append(predicted.deviations.map { $0 * scaling.scale }, to: "predictions", "deviation")
    append(predicted.draws(newNoise).map(scaling.restored), to: "predictions", "y")
  }

  private mutating func append(_ values: [Double], to group: String, _ array: String) {
    columns[Column(group: group, array: array), default: []] += values
  }

  /// What the segment brings.
  /// - Parameters:
  ///   - snapshot: The chain after the segment.
  ///   - isFirst: Whether the layout and the data go along.
  ///   - isLast: Whether the snapshot is the chain's end state, which users may want, rather than a checkpoint.
  func finished(_ snapshot: Snapshot, isFirst: Bool, isLast: Bool) throws -> Segment {
    // What a pause brought may be anyone's.
    guard let names = statistics.first?.map(\.name), statistics.allSatisfy({ $0.map(\.name) == names }) else {
      throw WorkloadError("The checkpoint to go on from belongs to another kernel.")
    }
    let layout = try ChainLayout.make(experiment, parameters: parameters, statistics: statistics[0])
    var chunks = try drawChunks(layout)
    if isFirst { chunks.merge(try dataChunks(layout)) { $1 } }
    var files = Dictionary(uniqueKeysWithValues: chunks.map { ("\(ChainLayout.store)/\($0.key)", $0.value) })
    let state = try snapshot.checkpoint()
    if isLast { files["chains/\(chain)/state.safetensors"] = state }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Segment(
      files: files, checkpoint: isLast ? nil : state,
      zarr: isFirst ? (name: ChainLayout.store, layout: Array(try encoder.encode(layout))) : nil, extent: extent)
  }

  private var extent: [String: Int] {
    let specification = experiment.specification
    let warmUp = min(specification.warmup, (segment + 1) * specification.segment)
    let draws = (segment + 1 - specification.warmupSegments) * specification.segment
    return isWarmUp ? [ChainLayout.warmUp: warmUp] : [ChainLayout.draws: min(specification.draws, draws)]
  }

  private func drawChunks(_ layout: ZarrLayout) throws -> [String: [UInt8]] {
    let number = isWarmUp ? segment : segment - experiment.specification.warmupSegments
    var chunks: [String: [UInt8]] = [:]
    for (column, values) in columns {
      let chunk = try layout.chunk(group: column.group, array: column.array)
      chunks[chunk.path(chain: chain, segment: number)] = try chunk.encoded(values)
    }
    let group = isWarmUp ? "warmup_sample_stats" : "sample_stats"
    for (position, statistic) in statistics[0].enumerated() {
      let chunk = try layout.chunk(group: group, array: statistic.name)
      chunks[chunk.path(chain: chain, segment: number)] = try encoded(statistics.map { $0[position].value }, chunk)
    }
    return chunks
  }

  private func encoded(_ values: [SampleStatistic.Value], _ chunk: ZarrChunk) throws(FormatError) -> [UInt8] {
    switch chunk.dtype {
    case .float64, .float32:
      try chunk.encoded(values.map { if case .real(let value) = $0 { value } else { Double.nan } })
    case .int64: try chunk.encoded(values.map { if case .integer(let value) = $0 { value } else { 0 } })
    case .bool: try chunk.encoded(values.map { $0 == .truth(true) })
    }
  }

  private func dataChunks(_ layout: ZarrLayout) throws -> [String: [UInt8]] {
    let data = experiment.data
    let restored = { (values: [Double]) in values.map(data.targetScaling.restored) }
    let arrays: [(group: String, array: String, values: [Double])] = [
      ("observed_data", "y", restored(data.training.targets)), ("constant_data", "x", data.training.inputs),
      ("predictions_constant_data", "x", data.test.inputs),
      ("predictions_constant_data", "y", restored(data.test.targets)),
    ]
    var chunks: [String: [UInt8]] = [:]
    for (group, array, values) in arrays {
      let chunk = try layout.chunk(group: group, array: array)
      chunks[chunk.path()] = try chunk.encoded(values)
    }
    return chunks
  }
}
