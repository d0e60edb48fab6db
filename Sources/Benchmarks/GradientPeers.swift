import Datasets
import Foundation
import Posterior
import Specification
import Tensors

/// Processor time of a gradient of the posteriors that samplers are compared on, one chain on one thread, beside leapfrog steps of
/// peers that take turns with it.
enum GradientPeers {
  private static let peers = ["numpyro", "blackjax", "jax"]
  private static let rounds = 9

  static func measure() throws {
    try setThreadCount(1)
    let limit = try arithmeticLimit()
    let energy = try RegressionData(DataSpecification(source: .shipped(.energy))).training
    try measure(
      "energy", energy.inputs, rows: energy.rows.count, energy.targets, gradients: 500, limit: limit)
    let points = (0..<100).map { -2 + 4 * Double($0) / 99 }
    try measure("toy", points, rows: 100, points.map { sin(2 * $0) }, gradients: 2000, limit: limit)
  }

  private static func measure(
    _ name: String, _ inputs: [Double], rows: Int, _ targets: [Double], gradients: Int, limit: Double
  ) throws {
    let density = try MLPRegression(
      inputs: inputs, rows: rows, columns: inputs.count / rows, targets: targets,
      configuration: MLPConfiguration(hidden: [50, 50]))
    let processes = try peers.compactMap { try PeerProcess("gradient_peer.py", [$0, name], environment: "chains") }
    let position = density.initialPosition(key: RandomKey(seed: 1))
    var gradient = [Double](repeating: 0, count: density.dimensions)
    // One trajectory of the peers' length of step, with everything that a step of a chain costs.
    var chain = try Chain(
      density, kernel: .hmc(HMCConfiguration(leapfrogSteps: gradients, initialStepSize: 1e-4)), warmUpIterations: 0,
      key: RandomKey(seed: 2))
    var (ours, steps): ([Double], [Double]) = ([], [])
    var theirs = [[Double]](repeating: [], count: processes.count)
    for _ in 0..<rounds {
      let seconds = try processorSeconds {
        for _ in 0..<gradients { _ = try density.valueAndGradient(at: position, gradient: &gradient) }
      }
      ours.append(seconds / Double(gradients))
      steps.append(try processorSeconds { _ = try chain.advance() } / Double(gradients))
      for (index, peer) in processes.enumerated() {
        theirs[index].append(try peer.ask("\(gradients)") / Double(gradients))
      }
    }
    let posterior = "\(name), \(rows) rows, \(density.dimensions) parameters"
    report("gradient, \(posterior): tributary", ours)
    report("leapfrog step, \(posterior): tributary", steps)
    for (peer, times) in zip(peers, theirs) { report("leapfrog step, \(posterior): \(peer)", times) }
    if let numpyro = theirs.first.map({ Sample($0).median }) {
      Figure(
        name: "gradient, \(posterior), over NumPyro", value: Sample(ours).median / numpyro, unit: "times",
        bar: .atMost(0.5), note: "a leapfrog step \(rounded(Sample(steps).median / numpyro)) times"
      ).print()
    }
    let work = flops(density, rows: rows)
    Figure(
      name: "gradient, \(posterior), fraction of the arithmetic limit", value: work / Sample(ours).median / limit,
      unit: "",
      note:
        "\(rounded(work / 1e6)) MFLOP at the rate of the faster products; tanh, sums, priors and conversions count as no work"
    ).print()
  }

  /// Multiplications and additions a second of large products of matrices by the fastest library there is.
  private static func arithmeticLimit() throws -> Double {
    var rates = [("libtorch", try MachineLimits.matrixProductRate())]
    if let peer = try PeerProcess("product_peer.py", ["jax"], environment: "chains") {
      let seconds = try (0..<5).map { _ in try peer.ask("1") }
      rates.append(("XLA", 2 * 1024 * 1024 * 1024 / Sample(seconds).least))
    }
    for (library, rate) in rates {
      Figure(
        name: "products of 1024 x 1024 matrices by \(library), float32, one thread", value: rate / 1e9, unit: "GFLOP/s"
      ).print()
    }
    return rates.map(\.1).max() ?? 0
  }

  private static func report(_ name: String, _ times: [Double]) {
    let sample = Sample(times.map { $0 * 1e6 })
    Figure(
      name: name, value: sample.median, unit: "µs",
      note:
        "median of \(sample.count) rounds of processor time, from \(rounded(sample.least)) to \(rounded(sample.most))"
    ).print()
  }

  /// Multiplications and additions of a gradient: three products a layer, but no gradient of the inputs.
  private static func flops(_ density: MLPRegression, rows: Int) -> Double {
    let weights = density.network.layers.map { $0.inputs * $0.outputs }
    return Double(rows * (6 * weights.reduce(0, +) - 2 * (weights.first ?? 0)))
  }
}
