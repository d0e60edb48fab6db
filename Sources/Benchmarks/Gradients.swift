import Datasets
import Posterior
import Specification
import Tensors

/// Microseconds per gradient of the posteriors that samplers are compared on, one thread.
enum Gradients {
  static func measure() throws {
    try setThreadCount(1)
    try measure(.energy, hidden: [50, 50])
    try measure(.yacht, hidden: [50])
  }

  private static func measure(_ set: ShippedSet, hidden: [Int]) throws {
    let data = try RegressionData(DataSpecification(source: .shipped(set)))
    let density = try density(of: data, hidden: hidden)
    let widths = density.network.widths.map(String.init).joined(separator: "-")
    let name = "\(set.rawValue) \(data.training.rows.count)x\(data.featureCount), \(widths) tanh"
    let times = try time(density)
    // What NumPyro 0.22 and BlackJAX 1.7 took on the two cores where this was developed.
    let peers = set == .energy ? "; NumPyro and BlackJAX 220 to 245" : ""
    Figure(
      name: "gradient, \(name)", value: times.median, unit: "µs",
      note: "median of \(times.count) x 500, least \(rounded(times.least))\(peers)"
    ).print()
    try Figure(name: "gradient by autograd, \(name)", value: time(recorded(density, data)).median, unit: "µs").print()
    try Figure(
      name: "step of a NUTS chain, \(name)", value: stepTime(density), unit: "µs",
      note: "whole chain, 100 + 100 iterations, divided by gradients"
    ).print()
  }

  /// The posterior of a network with tanh, given the training rows.
  static func density(of data: RegressionData, hidden: [Int]) throws -> MLPRegression {
    try MLPRegression(
      inputs: data.training.inputs, rows: data.training.rows.count, columns: data.featureCount,
      targets: data.training.targets, configuration: MLPConfiguration(hidden: hidden))
  }

  /// Microseconds of one gradient, in several runs.
  private static func time(_ density: some LogDensity) throws -> Sample {
    var gradient = [Double](repeating: 0, count: density.dimensions)
    let position = density.initialPosition(key: RandomKey(seed: 1))
    return Sample(
      try (0..<9).map { _ in
        try elapsed { for _ in 0..<500 { _ = try density.valueAndGradient(at: position, gradient: &gradient) } } * 2000
      })
  }

  /// The whole cost of a leapfrog step: the tree's bookkeeping, random numbers and the warm-up are in it.
  private static func stepTime(_ density: some LogDensity) throws -> Double {
    var chain = try Chain(
      density, kernel: .nuts(NUTSConfiguration(maxDepth: 8)), warmUpIterations: 100, key: RandomKey(seed: 2))
    let time = try elapsed { for _ in 0..<200 { _ = try chain.advance() } }
    return time / Double(chain.evaluations) * 1e6
  }

  /// The same likelihood and priors through the general path: tensor operations and automatic differentiation.
  private static func recorded(_ density: MLPRegression, _ data: RegressionData) throws -> AutogradDensity {
    let network = density.network
    let inputs = try Tensor(
      data.training.inputs.map(Float.init), shape: [data.training.rows.count, data.featureCount])
    let targets = try Tensor(data.training.targets.map(Float.init), shape: [data.training.rows.count, 1])
    return AutogradDensity(dimensions: density.dimensions, precision: .float32) { position in
      let logSigma = try position.narrowed(start: network.parameterCount, length: 1)
      let z = try (targets - network(inputs, parameters: position)) * (-logSigma).exp()
      return try ((z * z).sum() + (position * position).sum()) * -0.5 - logSigma * Double(targets.count)
    }
  }
}
