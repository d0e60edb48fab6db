import Specification
import Tensors

/// One Markov chain: a kernel, its state and its warm-up, advanced one iteration at a time.
///
///     var chain = try Chain(density, kernel: .nuts(NUTSConfiguration()), warmUpIterations: 500, key: key)
///     for _ in 0..<1000 {
///       let transition = try chain.advance()
///       if !transition.isWarmUp { draws.append(chain.position) }
///     }
///
/// The randomness of iteration i is `key.folding(in: i)`, so a chain resumed from a `snapshot` goes on bit for bit.
public struct Chain {
  /// What one iteration did.
  public struct Transition: Sendable {
    /// The iteration's number, from 0, warm-up included.
    public let iteration: Int
    /// Whether the iteration belongs to warm-up, so that its position is no draw.
    public let isWarmUp: Bool
    /// The log density of the new position.
    public let logDensity: Double
    /// The step size the iteration used.
    public let stepSize: Double
    /// The kernel's report.
    public let info: any KernelInfo

    /// ArviZ's `sample_stats`: `lp`, `step_size` and what the kernel adds, always in the same order.
    public var statistics: [SampleStatistic] {
      [SampleStatistic("lp", .real(logDensity)), SampleStatistic("step_size", .real(stepSize))] + info.statistics
    }
  }

  /// Iterations that tune the kernel before draws begin.
  public let warmUpIterations: Int
  /// Iterations done, warm-up included; the number of the next one.
  public private(set) var iteration: Int
  /// Divergent draws; divergences of warm-up do not count.
  public private(set) var divergences: Int
  /// Evaluations of the density by all iterations; the search for a step size comes on top.
  public private(set) var evaluations: Int
  private let key: RandomKey
  private var iterationsAtRest: Int
  private var run: any KernelRun

  /// Starts a chain.
  /// - Parameters:
  ///   - density: what is drawn from.
  ///   - kernel: the transition and its settings.
  ///   - warmUpIterations: how many iterations tune the kernel; 0 keeps the configured step size.
  ///   - key: names the chain, for example `RandomKey(seed: seed).folding(in: chain)`.
  ///   - initialPosition: where to start; nil asks the density, up to 100 times, until the log density is finite.
  /// - Throws: `PosteriorError` if no starting point has a finite density, or no step size works there.
  public init(
    _ density: any LogDensity, kernel: KernelConfiguration, warmUpIterations: Int, key: RandomKey,
    initialPosition: [Double]? = nil
  ) throws(PosteriorError) {
    try require(warmUpIterations >= 0, "warm-up has 0 iterations or more, not \(warmUpIterations)")
    self.warmUpIterations = warmUpIterations
    self.key = key
    (iteration, divergences, evaluations, iterationsAtRest) = (0, 0, 0, 0)
    let search = InitialPositionSearch(density: density, key: key.purpose("initial position"))
    run = try search.run(kernel.kernel(for: density), warmUpIterations, at: initialPosition, key: key)
  }

  /// Resumes a chain at the iteration a snapshot was taken.
  ///
  /// The other arguments must be those the chain was started with.
  /// - Throws: `PosteriorError` if the snapshot is of another model, kernel or warm-up.
  public init(
    resuming snapshot: Snapshot, _ density: any LogDensity, kernel: KernelConfiguration, warmUpIterations: Int,
    key: RandomKey
  ) throws(PosteriorError) {
    let saved = try snapshot.counter("warm_up_iterations")
    guard saved == warmUpIterations else {
      throw PosteriorError(
        .invalidSnapshot, "the snapshot was taken with \(saved) iterations of warm-up, not \(warmUpIterations)")
    }
    self.warmUpIterations = warmUpIterations
    self.key = key
    iteration = try snapshot.counter("iteration")
    divergences = try snapshot.counter("divergences")
    evaluations = try snapshot.counter("evaluations")
    iterationsAtRest = try snapshot.counter("iterations_at_rest")
    run = try kernel.kernel(for: density).run(resuming: snapshot, warmUpIterations: warmUpIterations)
  }

  /// Everything needed to resume after the last `advance()`.
  public var snapshot: Snapshot {
    var snapshot = Snapshot()
    snapshot.save(warmUpIterations, as: "warm_up_iterations")
    snapshot.save(iteration, as: "iteration")
    snapshot.save(divergences, as: "divergences")
    snapshot.save(evaluations, as: "evaluations")
    snapshot.save(iterationsAtRest, as: "iterations_at_rest")
    run.save(to: &snapshot)
    return snapshot
  }

  /// The position the chain is at.
  public var position: [Double] { run.position }
  /// The log density there.
  public var logDensity: Double { run.logDensity }
  /// The step size of the next iteration.
  public var stepSize: Double { run.stepSize }
  /// The variances that scale the coordinates; learnt in warm-up.
  public var variances: [Double] { run.variances }
  /// Whether the next iteration belongs to warm-up.
  public var isWarmUp: Bool { iteration < warmUpIterations }

  /// Does one iteration.
  /// - Throws: `PosteriorError` if the density fails, the step size collapses, or nothing is accepted any more. The chain
  ///   is then of no further use.
  public mutating func advance() throws(PosteriorError) -> Transition {
    let key = key.folding(in: UInt64(iteration))
    let stepSize = run.stepSize
    let info = try run.step(key: key.purpose("transition"))
    let transition = Transition(
      iteration: iteration, isWarmUp: isWarmUp, logDensity: run.logDensity, stepSize: stepSize, info: info)
    if isWarmUp {
      let isLast = iteration + 1 == warmUpIterations
      try run.adapt(info, iteration: iteration, isLast: isLast, key: key.purpose("adaptation"))
    }
    iteration += 1
    evaluations += info.steps
    if info.isDivergent && !transition.isWarmUp { divergences += 1 }
    iterationsAtRest = info.isAccepted ? 0 : iterationsAtRest + 1
    try requireLife()
    return transition
  }

  /// A chain that stands still would look like a finished one; it is stopped instead.
  private func requireLife() throws(PosteriorError) {
    // A chain that accepts at its target rate rests this long with probability e^(−50).
    let limit = max(100, (50 / run.targetAcceptance).rounded(.up))
    guard Double(iterationsAtRest) < limit else {
      throw PosteriorError(
        .adaptationFailed,
        "nothing was accepted in \(iterationsAtRest) iterations (step size \(run.stepSize)): "
          + "warm up longer, or check the scales of the model and its data")
    }
  }
}
