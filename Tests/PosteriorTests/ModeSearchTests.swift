import Foundation
import Posterior
import Specification
import Tensors
import Testing

@Suite struct ModeSearchTests {
  /// A wave of sixty points.
  private func density(_ noise: NoiseConfiguration) throws -> MLPRegression {
    let inputs = (0..<60).map { -2 + 4 * Double($0) / 59 }
    return try MLPRegression(
      inputs: inputs, rows: 60, columns: 1, targets: inputs.map { sin(2 * $0) },
      configuration: MLPConfiguration(hidden: [8, 8], activation: .tanh, noise: noise))
  }

  /// Batches of equal size, each weighted by how many there are, say on average what all rows say.
  @Test(arguments: [NoiseConfiguration.learned(location: 0, scale: 1), .perRow, .fixed(scale: 0.3)])
  func batchesEstimateTheGradientWithoutBias(noise: NoiseConfiguration) throws {
    let density = try density(noise)
    let position = density.initialPosition(key: RandomKey(seed: 1))
    var whole = [Double](repeating: 0, count: density.dimensions)
    var part = whole
    let value = try density.valueAndGradient(at: position, gradient: &whole)
    var (meanValue, mean) = (0.0, part)
    for batch in 0..<4 {
      let rows = (0..<15).map { Int64(4 * $0 + batch) }
      meanValue += try density.valueAndGradient(ofRows: rows[...], weight: 4, at: position, gradient: &part) / 4
      for i in mean.indices { mean[i] += part[i] / 4 }
    }
    #expect(abs(meanValue - value) < 1e-4 * abs(value))
    let norm = whole.reduce(0) { max($0, abs($1)) }
    for i in mean.indices { #expect(abs(mean[i] - whole[i]) < 1e-5 * norm) }
  }

  @Test func theSearchGoesUphillAndIsAFunctionOfItsKey() throws {
    let density = try density(.perRow)
    func found(_ seed: UInt64, _ configuration: OptimizedStart) throws -> [Double] {
      try ModeSearch(density, configuration, key: RandomKey(seed: seed)).position()
    }
    func logDensity(_ position: [Double]) throws -> Double {
      var gradient = [Double](repeating: 0, count: density.dimensions)
      return try density.valueAndGradient(at: position, gradient: &gradient)
    }
    let long = OptimizedStart(epochs: 2000, batch: 16, rate: 3e-3, patience: 100)
    let position = try found(1, long)
    let start = try found(1, OptimizedStart(epochs: 1, rate: 1e-8))
    #expect(try logDensity(position) > logDensity(start) + 50)
    #expect(try found(1, long) == position)
    #expect(try found(2, long) != position)
  }
}
