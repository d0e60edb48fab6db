import Foundation
import Tensors
import Testing

/// What classifiers are made of and trained by, on numbers that can be checked by hand.
@Suite struct ClassifierOperationsTests {
  @Test func aBatchIsNormalisedByItsOwnStatistics() throws {
    let x = try Tensor([1.0, 10, 3, 30, 5, 50], shape: [3, 2])
    let (weight, bias) = (try Tensor([1.0, 2]), try Tensor([0.0, 1]))
    let (output, mean, variance) = try x.batchNormalized(weight: weight, bias: bias, epsilon: 0)
    #expect(try mean.array(of: Double.self) == [3, 30])
    #expect(try variance.array(of: Double.self) == [4, 400])
    // The variance that divides has n below it, not n − 1.
    let step = 1.5.squareRoot()
    let expected = try Tensor([-step, 1 - 2 * step, 0, 1, step, 1 + 2 * step], shape: [3, 2])
    #expect(try (output - expected).abs().maximum().scalar() < 1e-12)
    let stored = try x.normalized(
      mean: mean, variance: variance * (2.0 / 3), weight: weight, bias: bias, epsilon: 0)
    #expect(try (stored - expected).abs().maximum().scalar() < 1e-12)
    #expect(throws: TensorError.self) {
      try x.narrowed(start: 0, length: 1).batchNormalized(weight: weight, bias: bias)
    }
  }

  /// Philox in C is the Philox of `RandomKey`: a word below 2³² p drops, and two words make one of the key's uniforms.
  @Test func whatIsDroppedAreTheKeysOwnNumbers() throws {
    let key = RandomKey(seed: 7)
    let ones = try Tensor.full(1, shape: [2, 3, 5, 7])
    let kept = try ones.dropped(probability: 0.25, key: key).array(of: Float.self)
    let uniforms = key.uniforms(count: 105)
    for (place, uniform) in uniforms.enumerated() {
      // The high word of a uniform is the second of its pair.
      let isDropped = UInt32(uniform * 0x1p32) < UInt32(0.25 * 0x1p32)
      #expect(kept[2 * place + 1] == (isDropped ? 0 : Float(1 / 0.75)))
    }
    #expect(try ones.channelsLast().dropped(probability: 0.25, key: key).array(of: Float.self) == kept)
    let many = try Tensor.full(1, shape: [100_000]).dropped(probability: 0.25, key: key)
    #expect(abs(try many.mean().scalar() - 1) < 4 * (1.0 / 3 / 100_000).squareRoot())
    #expect(throws: TensorError.self) { try ones.dropped(probability: 1, key: key) }
  }

  @Test func crossEntropiesAreThoseOfTheDefinition() throws {
    let logits = try Tensor([0.0, 1, 2, 3, 0, 0], shape: [2, 3])
    let logs = [0.0, 1, 2].map { $0 - Foundation.log(1 + exp(1.0) + exp(2.0)) }
    let losses = try logits.crossEntropies(labels: Tensor([Int64(2), 0])).array(of: Double.self)
    #expect(abs(losses[0] + logs[2]) < 1e-12 && abs(losses[1] - Foundation.log(1 + 2 * exp(-3.0))) < 1e-12)
    let smoothed = try logits.crossEntropies(labels: Tensor([Int64(2), 0]), smoothing: 0.3).array(of: Double.self)
    #expect(abs(smoothed[0] + 0.7 * logs[2] + 0.1 * (logs[0] + logs[1] + logs[2])) < 1e-12)
    for label in [Int64(3), -1, -100] {
      #expect(throws: TensorError.self) { try logits.crossEntropies(labels: Tensor([label, 0])) }
    }
  }

  @Test(arguments: [false, true])
  func stepsOfGradientDescentFollowTheirFormula(nesterov: Bool) throws {
    let (parameter, momentum) = (try Tensor([1.0, -2] as [Float]), try Tensor.full(0, shape: [2]))
    var (x, v) = ([1.0, -2], [0.0, 0])
    for _ in 0..<3 {
      let gradient = try parameter * 0.5 + 1
      try sgdStep(
        parameters: [parameter], gradients: [gradient], momenta: [momentum], rate: 0.1, momentum: 0.9, decay: 0.01,
        nesterov: nesterov)
      for i in 0..<2 {
        let g = 0.5 * x[i] + 1 + 0.01 * x[i]
        v[i] = 0.9 * v[i] + g
        x[i] -= 0.1 * (nesterov ? g + 0.9 * v[i] : v[i])
      }
    }
    for (a, b) in zip(try parameter.array(of: Float.self), x) { #expect(abs(Double(a) - b) < 1e-6) }
  }
}
