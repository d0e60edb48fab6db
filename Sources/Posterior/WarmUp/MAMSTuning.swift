import Tensors

/// The warm-up of MAMS in three stages: step size and variances, with L = √d, the extent of the scaled posterior; L from the
/// autocorrelation time; and the step size anew.
///
/// L ← 0.3 τ L, at most doubled, τ the number of trajectories for an effective draw. Step sizes are found by dual averaging.
/// Source: Robnik, Cohn-Gordon & Seljak, arXiv:2503.01707 (2025); the stages have 3, 1 and 1 fifths. Variances are learnt in
/// Stan's windows.
struct MAMSTuning: MicrocanonicalTuning {
  private let path: Range<Int>
  private let last: Int
  private var adaptation: Adaptation
  private var record: PositionRecord

  init(warmUpIterations: Int, kernel: MAMS) {
    path = Self.path(warmUpIterations)
    last = warmUpIterations - 1
    adaptation = Adaptation(warmUpIterations: path.lowerBound, kernel: kernel)
    record = PositionRecord(dimensions: kernel.variances.count)
  }

  private static func path(_ iterations: Int) -> Range<Int> { 3 * iterations / 5..<4 * iterations / 5 }

  mutating func update(
    _ kernel: inout MAMS, after info: MAMS.Info, at state: MicrocanonicalState, iteration: Int, key: RandomKey
  ) throws(PosteriorError) {
    guard !path.contains(iteration) else {
      record.add(state.position)
      if iteration == path.upperBound - 1 { setLength(of: &kernel) }
      return
    }
    try adaptation.update(
      &kernel, state: state, acceptanceRate: info.acceptanceRate, iteration: iteration, key: key)
    if iteration == path.lowerBound - 1 || iteration == last { kernel.stepSize = adaptation.finalStepSize }
  }

  private mutating func setLength(of kernel: inout MAMS) {
    if let times = record.autocorrelationTimes {
      let effective = times.reduce(0) { $0 + 1 / $1 } / Double(times.count)
      kernel.length *= min(0.3 / effective, 2)
    }
    record = PositionRecord(dimensions: kernel.variances.count)
    adaptation.restart(kernel)
  }

  func save(to snapshot: inout Snapshot) {
    adaptation.save(to: &snapshot)
    record.save(to: &snapshot)
  }

  init(from snapshot: Snapshot, warmUpIterations: Int, kernel: MAMS) throws(PosteriorError) {
    path = Self.path(warmUpIterations)
    last = warmUpIterations - 1
    adaptation = try Adaptation(from: snapshot, warmUpIterations: path.lowerBound, kernel: kernel)
    record = try PositionRecord(from: snapshot, dimensions: kernel.variances.count)
  }
}
