import Foundation
import Posterior
import Runtime
import Specification

/// Runs one Markov chain, segment by segment.
struct ChainWorkload: Workload {
  func run(_ task: TaskContext) throws {
    let experiment = try ChainExperiment(task)
    let specification = experiment.specification
    var chain: Chain
    if let checkpoint = task.checkpoint {
      chain = try Chain(
        resuming: try Snapshot(checkpoint: checkpoint), experiment.model, kernel: specification.kernel,
        warmUpIterations: specification.warmup, key: experiment.key(ofChain: task.index))
    } else {
      chain = try experiment.chain(task.index)
    }
    var progress = ChainProgress(specification)
    let first = task.segments
    for segment in first..<experiment.segmentCount {
      var record = SegmentRecord(experiment, chain: task.index, segment: segment)
      if segment == first, let checkpoint = task.checkpoint { try record.resume(from: checkpoint) }
      let draws = experiment.draws(ofSegment: segment)
      while record.count < draws {
        let transition = try chain.advance()
        if specification.records(iteration: transition.iteration) { try record.add(transition, at: chain.position) }
        if let news = progress.after(transition, chain) { try task.report(news) }
        if record.count < draws { try task.pauseIfAsked { try record.paused(chain.snapshot) } }
      }
      let isLast = segment == experiment.segmentCount - 1
      try task.commit(try record.finished(chain.snapshot, isFirst: segment == 0, isLast: isLast), isLast: isLast)
    }
  }
}

/// Turns transitions into news for people, a few times a second.
private struct ChainProgress {
  private static let interval = 0.5
  private let warmup: Int
  private let draws: Int
  private let thinning: Int
  private let isAdjusted: Bool
  private var last = ContinuousClock.now
  private var transitions = 0
  private var acceptance = 0.0

  init(_ specification: ChainsSpecification) {
    (warmup, draws, thinning) = (specification.warmup, specification.draws, specification.thinning)
    isAdjusted = if case .mclmc = specification.kernel { false } else { true }
  }

  mutating func after(_ transition: Chain.Transition, _ chain: Chain) -> TaskProgress? {
    transitions += 1
    acceptance += transition.info.acceptanceRate
    let elapsed = (ContinuousClock.now - last) / .seconds(1)
    guard elapsed >= Self.interval else { return nil }
    defer { (last, transitions, acceptance) = (ContinuousClock.now, 0, 0) }
    let isWarmUp = transition.isWarmUp
    let rate = Double(transitions) / elapsed
    return TaskProgress(
      phase: isWarmUp ? "warm-up" : "draws", done: isWarmUp ? chain.iteration : (chain.iteration - warmup) / thinning,
      total: isWarmUp ? warmup : draws, rate: isWarmUp ? rate : rate / Double(thinning),
      figures: [.init("divergent", Double(chain.divergences)), .init("step", transition.stepSize)]
        + (isAdjusted ? [.init("accept", acceptance / Double(transitions))] : []))
  }
}
