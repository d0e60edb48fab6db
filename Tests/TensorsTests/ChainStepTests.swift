import Foundation
import Tensors
import Testing

@Suite struct ChainStepTests {
  /// Against the definition, in 64 bits and with the Philox of `RandomKey`.
  @Test func singleNormalsAreBoxAndMullersOfTheKeysWords() throws {
    let key = RandomKey(seed: 5).purpose("noise")
    let numbers = try Tensor.singleNormals(key: key, count: 64 * 40).array(of: Float.self)
    let words = SIMD2(UInt32(truncatingIfNeeded: key.bits), UInt32(truncatingIfNeeded: key.bits >> 32))
    for counter in [0, 1, 15, 16, 200, 639] {
      let block = Philox.block(SIMD4(UInt32(counter), 0, 0, 0), key: words)
      for pair in [0, 1] {
        let radius = (-2 * log((Double(block[2 * pair]) + 0.5) * 0x1p-32)).squareRoot()
        let angle = Double(Int32(bitPattern: block[2 * pair + 1] << 2)) * 0x1p-31 * .pi / 4
        let cosine = block[2 * pair + 1] >> 31 == 0 ? cos(angle) : -cos(angle)
        let isTurned = block[2 * pair + 1] >> 30 & 1 == 1
        let expected = isTurned ? [sin(angle), cosine] : [cosine, sin(angle)]
        for part in [0, 1] {
          let place = counter / 16 * 64 + (2 * pair + part) * 16 + counter % 16
          #expect(abs(Double(numbers[place]) - radius * expected[part]) < 2e-6, "\(counter)")
        }
      }
    }
  }

  @Test func singleNormalsAreAFunctionOfKeyAndPlace() throws {
    let key = RandomKey(seed: 6)
    let long = try Tensor.singleNormals(key: key, count: 10_000).array(of: Float.self)
    #expect(try Tensor.singleNormals(key: key, count: 101).array(of: Float.self) == Array(long.prefix(101)))
    #expect(try Tensor.singleNormals(key: key, count: 10_000, isPortable: true).array(of: Float.self) == long)
    #expect(try Tensor.singleNormals(key: RandomKey(seed: 7), count: 4).array(of: Float.self) != Array(long.prefix(4)))
    #expect(try Tensor.singleNormals(key: key, count: 0).count == 0)
  }

  /// Moments, the distribution function by Kolmogorov's distance, tails and neighbours of two million numbers.
  @Test func singleNormalsAreDistributedAsTheyShould() throws {
    let count = 2_000_000
    let numbers = try Tensor.singleNormals(key: RandomKey(seed: 8), count: count).array(of: Float.self).map(Double.init)
    let root = Double(count).squareRoot()
    for (power, expected, deviation) in [
      (1, 0.0, 1.0), (2, 1, 2.0.squareRoot()), (3, 0, 15.0.squareRoot()), (4, 3, 96.0.squareRoot()),
    ] {
      let moment = numbers.reduce(0) { sum, z in sum + (0..<power).reduce(1) { product, _ in product * z } }
      #expect(abs(moment / Double(count) - expected) < 5 * deviation / root, "power \(power)")
    }
    let sorted = numbers.sorted()
    var distance = 0.0
    for (place, z) in sorted.enumerated() {
      let share = erfc(-z / 2.0.squareRoot()) / 2
      distance = max(distance, share - Double(place) / Double(count), Double(place + 1) / Double(count) - share)
    }
    // Exceeded with probability 2 exp(−2 · 2²) = 7e-4.
    #expect(distance * root < 2, "\(distance)")
    for tail in [3.0, 4, 4.5] {
      let expected = Double(count) * erfc(tail / 2.0.squareRoot())
      let seen = Double(numbers.count { abs($0) > tail })
      #expect(abs(seen - expected) < 5 * expected.squareRoot(), "\(tail): \(seen), expected \(expected)")
    }
    for shift in [1, 16, 32, 64] {
      let product = zip(numbers, numbers.dropFirst(shift)).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(product) < 5 * root, "\(shift)")
    }
  }

  /// Both sets of instructions, with layouts and sizes that leave a rest, against the formula in 64 bits.
  @Test func aStepFollowsItsFormulaWithoutRegardToInstructions() throws {
    let key = RandomKey(seed: 9)
    let shapes = [[7, 3, 5, 5], [130], [1], [100, 50]]
    let step = ChainStep(rate: 0.1, momentum: 0.8, decay: 0.03, deviation: 0.5)
    let gradients = try shapes.map { try Tensor.normals(key: key.purpose("\($0)"), shape: $0) }
    var results: [[[Float]]] = []
    for isPortable in [false, true] {
      let values = try shapes.map { shape in
        let drawn = try Tensor.normals(key: key.folding(in: UInt64(shape.count)), shape: shape)
        return shape.count == 4 ? try drawn.channelsLast() : drawn
      }
      let (flat, views) = try Tensor.flattened(values)
      for (view, value) in zip(views, values) { #expect(try view.array(of: Float.self) == value.array(of: Float.self)) }
      let momenta = try Tensor.flattened(values.map(Tensor.zeros(like:))).flat
      let before = try flat.array(of: Float.self).map(Double.init)
      // Gradients as the flat tensor has its numbers.
      let slopes = try Tensor.flattened(
        zip(gradients, shapes).map { $1.count == 4 ? try $0.channelsLast() : $0 }
      ).flat.array(of: Float.self).map(Double.init)
      let squares = try chainStep(
        views, in: flat, gradients: gradients, momenta: momenta, step, key: key, isPortable: isPortable)
      _ = try chainStep(
        views, in: flat, gradients: gradients, momenta: momenta, step, key: key.folding(in: 1), isPortable: isPortable)
      let noise = try [key, key.folding(in: 1)].map {
        try Tensor.singleNormals(key: $0, count: flat.count).array(of: Float.self).map(Double.init)
      }
      let after = try flat.array(of: Float.self)
      var sums = (gradient: 0.0, momentum: 0.0)
      for place in before.indices {
        // Gaps hold zeros.
        guard before[place] != 0 else {
          #expect(after[place] == 0)
          continue
        }
        var (x, v) = (before[place], 0.0)
        for (time, z) in noise.enumerated() {
          let g = slopes[place] + 0.03 * x
          v = 0.8 * v + g + 0.5 * z[place]
          x -= 0.1 * v
          if time == 0 { sums = (sums.gradient + g * g, sums.momentum + v * v) }
        }
        #expect(abs(Double(after[place]) - x) < 1e-5)
      }
      #expect(abs(squares.gradient / sums.gradient - 1) < 1e-5 && abs(squares.momentum / sums.momentum - 1) < 1e-5)
      results.append([after, try momenta.array(of: Float.self)])
    }
    #expect(results[0] == results[1])
    let other = try Tensor.full(0, shape: [64])
    #expect(throws: TensorError.self) {
      try chainStep([Tensor.full(0, shape: [64])], in: other, gradients: [other], momenta: other, step, key: key)
    }
  }
}
