import Foundation
import Posterior
import Specification
import Synchronization
import Tensors

/// Gradients until a chain knows the worst second moment to a squared error of 0.01, NUTS, MAMS and MCLMC side by side.
///
/// b²_max = max_i (Ê[x_i²] − E[x_i²])² / Var[x_i²] of the draws so far, median over chains; counted are the gradients of the
/// draws up to the last one at which it is above 0.01, after Robnik, Cohn-Gordon & Seljak, arXiv:2503.01707, §5.
enum Microcanonical {
  private struct Sampler: Sendable {
    let name: String
    let kernel: KernelConfiguration
    /// Draws between two looks at the error.
    let interval: Int
  }

  /// Iterations of warm-up, as many as theirs.
  private static let warmUp = 5000
  private static let samplers = [
    Sampler(name: "NUTS", kernel: .nuts(NUTSConfiguration()), interval: 1),
    Sampler(name: "MAMS", kernel: .mams(MAMSConfiguration()), interval: 1),
    Sampler(name: "MCLMC", kernel: .mclmc(MCLMCConfiguration()), interval: 10),
  ]

  /// What one chain did.
  private struct Run: Sendable {
    var errors: [Float] = []
    var (gradients, warmUpGradients) = (0.0, 0.0)
    var (stepSize, length) = (0.0, Double.nan)
    var divergences = 0
  }

  static func measure() throws {
    let isShort = CommandLine.arguments.contains("--short")
    for target in try BenchmarkTarget.all() {
      for sampler in samplers { measure(sampler, on: target, chains: isShort ? 8 : target.chains) }
    }
  }

  private static func measure(_ sampler: Sampler, on target: BenchmarkTarget, chains: Int) {
    // A chain that is stopped, since nothing is accepted any more, has no part in the median.
    let runs = Mutex([Run]())
    let seconds = elapsed {
      DispatchQueue.concurrentPerform(iterations: chains) { number in
        guard let run = try? run(sampler, on: target, chain: number) else { return }
        runs.withLock { $0.append(run) }
      }
    }
    let done = runs.withLock { $0 }
    let looks = done.map(\.errors.count).min() ?? 0
    let medians = (0..<looks).map { look in Sample(done.map { Double($0.errors[look]) }).median }
    let perLook = done.reduce(0) { $0 + $1.gradients / Double($1.errors.count) } / Double(done.count)
    let crossing = (medians.lastIndex { $0 > 0.01 } ?? -1) + 2
    let reached = crossing <= looks
    let published = target.published
    let steps = Sample(done.map(\.stepSize)).median
    let lengths = Sample(done.map(\.length)).median
    Figure(
      name: "gradients to b² = 0.01, \(target.name), \(sampler.name)",
      value: reached ? Double(crossing) * perLook : .infinity, unit: "gradients",
      note: """
        \(done.count) of \(chains) chains; last b² \(rounded(medians.last ?? .nan)); \(rounded(perLook / Double(sampler.interval))) a draw; \
        warm-up \(rounded(Sample(done.map(\.warmUpGradients)).median)); step \(rounded(steps)), L \(rounded(lengths)); \
        \(done.reduce(0) { $0 + $1.divergences }) divergent; \(rounded(seconds)) s; published NUTS \(published.nuts), \
        MAMS \(published.mams)
        """
    ).print()
  }

  private static func run(_ sampler: Sampler, on target: BenchmarkTarget, chain number: Int) throws -> Run {
    var chain = try Chain(
      target.density(), kernel: sampler.kernel, warmUpIterations: warmUp,
      key: RandomKey(seed: 2503).folding(in: UInt64(number)))
    var run = Run()
    for _ in 0..<warmUp { _ = try chain.advance() }
    run.warmUpGradients = Double(chain.evaluations)
    var sums = [Double](repeating: 0, count: target.squares.count)
    var draws = 0.0
    while chain.evaluations < Int(run.warmUpGradients) + target.gradients {
      for _ in 0..<sampler.interval {
        let transition = try chain.advance()
        draws += 1
        let quantities = target.quantities(chain.position)
        for i in sums.indices { sums[i] += quantities[i] * quantities[i] }
        if let info = transition.info as? MAMS.Info { run.length = info.length }
        if let info = transition.info as? MCLMC.Info { run.length = info.length }
      }
      let errors = sums.indices.map { i in
        let error = sums[i] / draws - target.squares[i]
        return error * error / target.squareVariances[i]
      }
      run.errors.append(Float(errors.max() ?? .nan))
    }
    run.gradients = Double(chain.evaluations) - run.warmUpGradients
    (run.stepSize, run.divergences) = (chain.stepSize, chain.divergences)
    return run
  }
}
