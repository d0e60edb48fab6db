import Diffusion
import Foundation
import Specification
import Tensors

/// Three round clouds in the plane, far enough apart that each sample belongs to one, in double precision.
struct Clouds {
  let means: [[Double]] = [[-1.2, 0.3], [1, 0.8], [0.2, -1.1]]
  let deviations = [0.2, 0.3, 0.15]
  let weights = [0.5, 0.3, 0.2]
  let denoiser: GaussianMixture

  init() throws {
    denoiser = try GaussianMixture(
      means: Tensor(means.flatMap { $0 }, shape: [3, 2]), deviations: deviations, weights: weights)
  }

  /// The mean of the population.
  var mean: [Double] { (0..<2).map { axis in zip(weights, means).reduce(0) { $0 + $1.0 * $1.1[axis] } } }

  /// Its covariance: within the clouds and between them.
  var covariance: [[Double]] {
    (0..<2).map { i in
      (0..<2).map { j in
        (0..<3).reduce(-mean[i] * mean[j]) { sum, cloud in
          let own = i == j ? deviations[cloud] * deviations[cloud] : 0
          return sum + weights[cloud] * (own + means[cloud][i] * means[cloud][j])
        }
      }
    }
  }
}

/// One Gaussian N(mean, variance) in every dimension.
func gaussian(mean: Double = 0, variance: Double, dimensions: Int = 1) throws -> GaussianMixture {
  try GaussianMixture(
    means: Tensor([Double](repeating: mean, count: dimensions), shape: [1, dimensions]),
    deviations: [variance.squareRoot()], weights: [1])
}

/// No noise at all.
struct NoNoise: NoiseSource {
  func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor {
    try .full(0, shape: shape, type: type)
  }
}

/// Image i of the batch gets 1 where the i-th draw is made, all others 0: the end of image i is then the factor that the
/// draw has in the end, if the solver is linear. Image 0 belongs to the noise at the start.
struct Impulses: NoiseSource {
  func normals(shape: [Int], type: DataType, step: Int, draw: Int) throws -> Tensor {
    var values = [Double](repeating: 0, count: shape[0])
    values[step + 1] = 1
    return try Tensor(values, shape: shape)
  }

  /// The variance at the end of a linear solver's chain of one draw a step, exactly.
  static func variance(of solver: any Solver, _ denoiser: any Denoiser) throws -> Double {
    var start = [Double](repeating: 0, count: solver.intervals.count + 1)
    start[0] = 1
    var state = try solver.initialState(Tensor(start, shape: [start.count, 1]))
    let factors = try solver.finish(&state, denoiser: denoiser, noise: Impulses()).numbers()
    return factors.reduce(0) { $0 + $1 * $1 }
  }
}

extension Tensor {
  /// The elements as numbers, in C order.
  func numbers() throws -> [Double] { try converted(to: .float64).array(of: Double.self) }

  /// The largest absolute difference.
  func distance(to other: Tensor) throws -> Double { try (self - other).abs().maximum().scalar() }
}

/// The slope of ln y over ln x by least squares.
func logSlope(_ points: [(x: Double, y: Double)]) -> Double {
  let (x, y) = (points.map { log($0.x) }, points.map { log($0.y) })
  let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
  let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
  return covariance / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
}

/// The integral over an interval by Simpson's rule.
func integral(_ range: ClosedRange<Double>, count: Int = 2000, _ function: (Double) -> Double) -> Double {
  let step = (range.upperBound - range.lowerBound) / Double(count)
  return (0...count).reduce(0) { sum, index in
    let weight = index == 0 || index == count ? 1.0 : index % 2 == 1 ? 4 : 2
    return sum + weight * function(range.lowerBound + Double(index) * step)
  } * step / 3
}

/// The density of N(mean, variance).
func normalDensity(_ x: Double, mean: Double, variance: Double) -> Double {
  exp(-(x - mean) * (x - mean) / (2 * variance)) / (2 * .pi * variance).squareRoot()
}
