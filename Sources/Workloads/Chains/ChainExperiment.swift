import Datasets
import Posterior
import Runtime
import Specification
import Tensors

/// A job of chains made ready to compute: its data, its posterior, and the source of its randomness.
struct ChainExperiment {
  let specification: ChainsSpecification
  let data: RegressionData
  let model: any RegressionModel
  private let seed: UInt64

  /// Decodes the job that a task belongs to, and reads its data.
  init(_ task: TaskContext) throws {
    let job = try task.specification()
    try self.init(job, table: try job.inputs.first.flatMap { try task.input($0.path) })
  }

  /// Reads a job's data.
  /// - Parameter table: Bytes of the user's table, if the job names one.
  init(_ job: JobSpecification, table: [UInt8]?) throws {
    guard case .chains(let chains) = job.work else { throw WorkloadError("The job has no chains.") }
    specification = chains
    seed = job.seed
    data = try RegressionData(chains.data, file: table)
    model = try chains.model.posterior(
      inputs: data.training.inputs, rows: data.training.rows.count, columns: data.featureCount,
      targets: data.training.targets)
  }

  /// Names the randomness of one chain: a function of the job's seed and the chain's number alone.
  func key(ofChain chain: Int) -> RandomKey { RandomKey(seed: seed).purpose("chain").folding(in: UInt64(chain)) }

  /// A chain at its start.
  func chain(_ number: Int) throws(PosteriorError) -> Chain {
    let key = key(ofChain: number)
    var position: [Double]?
    if case .optimized(let configuration) = specification.start, let model = model as? any MinibatchDensity {
      position = try ModeSearch(model, configuration, key: key.purpose("start")).position()
    }
    return try Chain(
      model, kernel: specification.kernel, warmUpIterations: specification.warmup, key: key, initialPosition: position)
  }

  /// Draws of the segment with this number, counted through warm-up and kept draws.
  func draws(ofSegment segment: Int) -> Int {
    let isWarmUp = segment < specification.warmupSegments
    let position = isWarmUp ? segment : segment - specification.warmupSegments
    let total = isWarmUp ? specification.warmup : specification.draws
    return min(specification.segment, total - position * specification.segment)
  }

  var segmentCount: Int { specification.warmupSegments + specification.drawSegments }
}
