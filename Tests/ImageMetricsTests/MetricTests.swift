import Formats
import Foundation
import ImageMetrics
import Tensors
import Testing

@Suite struct MetricTests {
  /// Features ± sᵢ eᵢ + shift, whose mean is the shift and whose covariance is diagonal.
  private func cross(_ scales: [Double], shift: Double = 0) throws -> (features: Tensor, variances: [Double]) {
    let d = scales.count
    let rows = (0..<2 * d).flatMap { row in
      (0..<d).map { shift + ($0 == row / 2 ? (row.isMultiple(of: 2) ? 1 : -1) * scales[$0] : 0) }
    }
    return (try Tensor(rows, shape: [2 * d, d]), scales.map { 2 * $0 * $0 / Double(2 * d - 1) })
  }

  @Test func theFrechetDistanceOfDiagonalGaussiansIsExact() throws {
    let (a, va) = try cross([1, 2, 3])
    let (b, vb) = try cross([2, 0, 5], shift: 0.5)
    let expected = zip(va, vb).reduce(3 * 0.25) {
      $0 + ($1.0.squareRoot() - $1.1.squareRoot()) * ($1.0.squareRoot() - $1.1.squareRoot())
    }
    let distance = try frechetDistance(FeatureStatistics(a), FeatureStatistics(b))
    #expect(abs(distance - expected) < 1e-10)
  }

  /// Fewer pictures than features make singular covariances, where a general matrix root gives complex numbers.
  @Test func aSetIsAtNoDistanceFromItself() throws {
    let features = try Tensor.normals(key: RandomKey(seed: 3), shape: [20, 50])
    let statistics = try FeatureStatistics(features)
    #expect(try abs(frechetDistance(statistics, statistics)) < 1e-5)
    #expect(try abs(kernelDistance(features, features)) < 2)
    let same = try PrecisionRecall(real: features, generated: features)
    #expect(same.precision == 1 && same.recall == 1)
  }

  @Test func theKernelDistanceIsItsDefinition() throws {
    let key = RandomKey(seed: 5)
    let (m, n, d) = (7, 600, 3)
    let (a, b) = (key.purpose("a").normals(count: m * d), key.purpose("b").normals(count: n * d).map { $0 + 0.5 })
    func kernel(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Double {
      let base = zip(x, y).reduce(1) { $0 + $1.0 * $1.1 / Double(d) }
      return base * base * base
    }
    func mean(_ x: [Double], _ y: [Double], withoutEqual: Bool) -> Double {
      var (sum, count) = (0.0, 0.0)
      for i in 0..<x.count / d {
        for j in 0..<y.count / d where !withoutEqual || i != j {
          sum += kernel(x[i * d..<(i + 1) * d], y[j * d..<(j + 1) * d])
          count += 1
        }
      }
      return sum / count
    }
    let expected = mean(a, a, withoutEqual: true) + mean(b, b, withoutEqual: true) - 2 * mean(a, b, withoutEqual: false)
    let (ta, tb) = (try Tensor(a, shape: [m, d]), try Tensor(b, shape: [n, d]))
    #expect(try abs(kernelDistance(ta, tb) - expected) < 1e-9)
    let subsets = try kernelDistance(tb, tb, subsets: 50, subsetSize: 40, key: key)
    #expect(abs(subsets.mean) < 4 * subsets.standardError)
    #expect(throws: MetricError.self) { try kernelDistance(ta, tb, subsets: 5, subsetSize: 8, key: key) }
  }

  @Test func precisionAndRecallCountBalls() throws {
    let real = try Tensor([0.0, 1, 2, 10], shape: [4, 1])
    let generated = try Tensor([0.5, 2.5, 5, 30], shape: [4, 1])
    // One neighbour: real balls [−1, 1], [0, 2], [1, 3], [2, 18]; generated balls [−1.5, 2.5], [0.5, 4.5], [2.5, 7.5], [5, 55].
    let one = try PrecisionRecall(real: real, generated: generated, neighbours: 1)
    #expect((one.precision, one.recall) == (0.75, 1))
    #expect(throws: MetricError.self) { try PrecisionRecall(real: real, generated: generated, neighbours: 4) }
  }

  @Test func theInceptionScoreOfSureAndEvenClassesIsTheirNumber() throws {
    let sure = try Tensor((0..<12).flatMap { row in (0..<4).map { $0 == row % 4 ? 1.0 : 0 } }, shape: [12, 4])
    #expect(try abs(inceptionScore(sure) - 4) < 1e-9)
    #expect(try abs(inceptionScore(sure, splits: 3) - 4) < 1e-9)
    #expect(try abs(inceptionScore(Tensor.full(0.25, shape: [8, 4])) - 1) < 1e-6)
    #expect(throws: MetricError.self) { try inceptionScore(Tensor.full(0.5, shape: [8, 4])) }
  }

  @Test func uselessFeaturesAreRefused() throws {
    let good = try Tensor.normals(key: RandomKey(seed: 1), shape: [5, 3])
    let bad = try Tensor([1, .nan, 2], shape: [3, 1])
    #expect(throws: MetricError.self) { try FeatureStatistics(bad) }
    #expect(throws: MetricError.self) { try FeatureStatistics(good.narrowed(start: 0, length: 1)) }
    #expect(throws: MetricError.self) {
      try kernelDistance(good, Tensor.normals(key: RandomKey(seed: 1), shape: [5, 4]))
    }
  }

  @Test func samplesBecomePicturesAndBack() throws {
    let samples = (0..<2 * 3 * 4 * 3).map { UInt8($0 * 3) }
    let pictures = try Tensor.pictures(samples, height: 3, width: 4, channels: 3)
    #expect(pictures.shape == [2, 3, 3, 4])
    #expect(try pictures.minimum().scalar() == -1)
    #expect(try pictures.pictureSamples() == samples)
    #expect(try (pictures * 3).pictureSamples().contains(255))
  }
}
