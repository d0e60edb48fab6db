import Tensors

/// Gaussians over a network's outputs, one for each row, independent of each other.
public struct FunctionDistribution {
  /// [rows, outputs], 64-bit.
  public let means: Tensor
  /// [rows, outputs, outputs], 64-bit: what is not known of the function. Noise of Gaussian targets comes on top.
  public let covariances: Tensor

  /// Class probabilities by the probit approximation, softmax of μ_c / √(1 + π/8 Σ_cc), [rows, classes].
  ///
  /// Sources: MacKay, "The evidence framework applied to classification networks", Neural Computation 4 (1992); for several classes
  /// Gibbs, "Bayesian Gaussian processes for regression and classification", Cambridge (1997).
  public func probitProbabilities() throws -> Tensor {
    let scale = try (covariances.diagonal() * (Double.pi / 8) + 1).rsqrt()
    return try (means * scale).softmax(along: 1)
  }

  /// Draws of the outputs, [draws, rows, outputs]: a function of the key. Their softmax are draws of class probabilities.
  public func draws(count: Int, key: RandomKey) throws -> Tensor {
    let (values, vectors) = try covariances.eigenSymmetric()
    // A covariance without full rank has eigenvalues that rounding makes negative.
    let root = try vectors * values.clamped(from: 0).sqrt().unsqueezed(at: 1)
    let normals = try Tensor.normals([count] + means.shape + [1], key: key)
    return try root.matmul(normals).reshaped(to: [count] + means.shape) + means
  }
}
