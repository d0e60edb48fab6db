import Foundation
import Tensors

/// Data with a density known in closed form, Σ_j w_j N(μ_j, s_j² I): its exact denoiser tells a wrong solver from a wrong
/// network.
///
/// At x = α x₀ + σ z each component is a Gaussian of variance v_j = α² s_j² + σ², so that with
/// r = softmax_j(ln w_j − D/2 ln v_j − |x − α μ_j|² / (2 v_j)): E[x₀ | x] = Σ_j r_j (μ_j + α s_j² / v_j (x − α μ_j)).
public struct GaussianMixture: Denoiser {
  /// Centres μ, [components, D].
  private let means: Tensor
  private let deviations: [Double]
  private let logWeights: [Double]

  /// Makes a mixture.
  /// - Parameters:
  ///   - means: centres [components, ..].
  ///   - deviations: s_j, one a component; 0 is a point.
  ///   - weights: w_j, one a component; they need not add up to 1.
  /// - Throws: `DiffusionError` if the counts differ.
  public init(means: Tensor, deviations: [Double], weights: [Double]) throws {
    let count = means.shape.first ?? 0
    try require(
      count > 0 && deviations.count == count && weights.count == count,
      "a mixture needs a mean, a deviation and a weight for each component")
    self.means = try means.reshaped(to: [count, -1])
    self.deviations = deviations
    let total = weights.reduce(0, +)
    logWeights = weights.map { log($0 / total) }
  }

  public func callAsFunction(_ x: Tensor, at level: NoiseLevel) throws -> Denoised {
    let (logJoint, difference, variances) = try parts(x, level)
    let responsibilities = try logJoint.softmax(along: 1).unsqueezed(at: 2)
    let shrink = try row(zip(deviations, variances).map { level.alpha * $0 * $0 / $1 }, x.type).unsqueezed(at: 2)
    let centres = try means.converted(to: x.type).unsqueezed(at: 0)
    let clean = try (responsibilities * (centres + shrink * difference)).sum(along: 1).reshaped(to: x.shape)
    return try Denoised(clean: clean, of: x, at: level)
  }

  /// ln p(x) at a level of noise, [n].
  public func logDensity(_ x: Tensor, at level: NoiseLevel = .clean) throws -> Tensor {
    try parts(x, level).logJoint.logSumExp(along: 1)
  }

  /// ln(w_j p_j(x)) [n, components], x − α μ_j [n, components, D], and v_j.
  private func parts(
    _ x: Tensor, _ level: NoiseLevel
  ) throws -> (logJoint: Tensor, difference: Tensor, variances: [Double]) {
    let dimensions = means.shape[1]
    let variances = deviations.map { level.alpha * level.alpha * $0 * $0 + level.sigma * level.sigma }
    let flat = try x.reshaped(to: [-1, 1, dimensions])
    let difference = try flat - means.converted(to: x.type).unsqueezed(at: 0) * level.alpha
    let constants = zip(logWeights, variances).map { $0 - Double(dimensions) / 2 * log(2 * .pi * $1) }
    let squares = try difference.squared().sum(along: 2) * row(variances.map { -0.5 / $0 }, x.type)
    return (try squares + row(constants, x.type), difference, variances)
  }

  /// One number a component, [1, components].
  private func row(_ values: [Double], _ type: DataType) throws(TensorError) -> Tensor {
    try Tensor(values, shape: [1, values.count]).converted(to: type)
  }
}
