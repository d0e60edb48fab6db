import CAllocations
import Datasets
import Posterior
import Specification
import Tensors

/// Requests for memory in the inner loop of a chain: those that a longer trajectory makes more than a shorter one, by a gradient;
/// of MCLMC, whose iterations are steps, all of them. What an iteration asks for once, its report, is counted apart.
enum Allocations {
  private static let iterations = 50

  static func measure() throws {
    try setThreadCount(1)
    let data = try RegressionData(DataSpecification(source: .shipped(.energy)))
    let density = try Gradients.density(of: data, hidden: [50, 50])
    // Steps so small that no tree turns back, and every trajectory of MAMS is as long as may be.
    try measure("hmc", on: density, [32, 64].map { .hmc(HMCConfiguration(leapfrogSteps: $0, initialStepSize: 1e-6)) })
    try measure("nuts", on: density, [4, 6].map { .nuts(NUTSConfiguration(maxDepth: $0, initialStepSize: 1e-6)) })
    try measure("mclmc", on: density, [.mclmc(MCLMCConfiguration(initialStepSize: 1e-3))])
    try measure("mams", on: density, [1, 2e-2].map { .mams(MAMSConfiguration(initialStepSize: $0)) })
  }

  /// Compares a kernel of short trajectories with one of long ones; where each step is an iteration there is one kernel only.
  private static func measure(_ name: String, on density: MLPRegression, _ kernels: [KernelConfiguration]) throws {
    let counts = try kernels.map { try count($0, on: density) }
    let long = counts[counts.count - 1]
    let short = counts.count > 1 ? counts[0] : (requests: 0, gradients: 0)
    let perIteration = rounded(Double(long.requests) / Double(iterations))
    Figure(
      name: "requests for memory, \(name), by a gradient",
      value: Double(long.requests - short.requests) / Double(long.gradients - short.gradients), unit: "",
      bar: .atMost(0), note: "\(perIteration) an iteration of \(long.gradients / iterations) gradients"
    ).print()
  }

  private static func count(
    _ kernel: KernelConfiguration, on density: MLPRegression
  ) throws -> (requests: Int, gradients: Int) {
    var chain = try Chain(density, kernel: kernel, warmUpIterations: 0, key: RandomKey(seed: 2))
    // Buffers are made by the first iterations.
    for _ in 0..<5 { _ = try chain.advance() }
    let (requests, gradients) = (callocations_count(), chain.evaluations)
    for _ in 0..<iterations { _ = try chain.advance() }
    return (Int(callocations_count() - requests), chain.evaluations - gradients)
  }
}
