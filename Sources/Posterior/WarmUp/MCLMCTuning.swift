import Tensors

/// The warm-up of MCLMC in four stages: find the step size; learn variances, which scale the coordinates from then on; find
/// the step size anew; and take L from the autocorrelation time.
///
/// The variance that errors may have falls evenly while the step size is tuned: larger steps go through more of the space
/// before anything is measured. Before variances are known, and after, L = √d, the extent of the scaled posterior. Last,
/// L = 0.4 ε τ, τ the mean number of steps for an effective draw.
/// Source: Robnik, De Luca, Silverstein & Seljak, JMLR 24 (2023), §4; the stages have 3, 3, 1 and 3 tenths.
struct MCLMCTuning: MicrocanonicalTuning {
  private let moments: Range<Int>
  private let path: Range<Int>
  private var stepSizes: EnergyVarianceTuning
  private var window: WelfordVariance
  private var record: PositionRecord

  init(warmUpIterations: Int, kernel: MCLMC) {
    (moments, path) = Self.stages(warmUpIterations)
    stepSizes = EnergyVarianceTuning(dimensions: kernel.dynamics.variances.count)
    window = WelfordVariance(dimensions: kernel.dynamics.variances.count)
    record = PositionRecord(dimensions: kernel.dynamics.variances.count)
  }

  private static func stages(_ iterations: Int) -> (moments: Range<Int>, path: Range<Int>) {
    // Variances of fewer draws would say nothing.
    guard iterations >= 20 else { return (0..<0, iterations..<iterations) }
    return (3 * iterations / 10..<6 * iterations / 10, 7 * iterations / 10..<iterations)
  }

  mutating func update(
    _ kernel: inout MCLMC, after info: MCLMC.Info, at state: MicrocanonicalState, iteration: Int, key: RandomKey
  ) {
    if path.contains(iteration) {
      record.add(state.position)
      if iteration == path.upperBound - 1 { setLength(of: &kernel) }
    } else {
      kernel.stepSize = stepSizes.update(
        energyError: info.energyError, isDivergent: info.isDivergent, stepSize: kernel.stepSize,
        variance: kernel.energyVariance(at: Double(iteration) / Double(path.lowerBound)))
    }
    if moments.contains(iteration) {
      window.add(state.position)
      if iteration == moments.upperBound - 1 { setVariances(of: &kernel) }
    }
  }

  /// The step size remains the same part of the posterior's extent.
  private mutating func setVariances(of kernel: inout MCLMC) {
    let learnt = window.regularizedVariances
    let extent = zip(learnt, kernel.dynamics.variances).reduce(0) { $0 + $1.0 / $1.1 }.squareRoot()
    kernel.stepSize *= kernel.dynamics.extent / extent
    kernel.dynamics.variances = learnt
    stepSizes = EnergyVarianceTuning(dimensions: learnt.count)
    window = WelfordVariance(dimensions: learnt.count)
  }

  private mutating func setLength(of kernel: inout MCLMC) {
    if let times = record.autocorrelationTimes {
      kernel.length = 0.4 * kernel.stepSize * times.reduce(0, +) / Double(times.count)
    }
    record = PositionRecord(dimensions: kernel.dynamics.variances.count)
  }

  func save(to snapshot: inout Snapshot) {
    stepSizes.save(to: &snapshot)
    window.save(to: &snapshot)
    record.save(to: &snapshot)
  }

  init(from snapshot: Snapshot, warmUpIterations: Int, kernel: MCLMC) throws(PosteriorError) {
    let dimensions = kernel.dynamics.variances.count
    (moments, path) = Self.stages(warmUpIterations)
    stepSizes = try EnergyVarianceTuning(from: snapshot, dimensions: dimensions)
    window = try WelfordVariance(from: snapshot, dimensions: dimensions)
    record = try PositionRecord(from: snapshot, dimensions: dimensions)
  }
}
