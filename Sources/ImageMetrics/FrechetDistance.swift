import Tensors

/// Mean and covariance of features, all that the Fréchet distance looks at.
public struct FeatureStatistics {
  /// Number of pictures.
  public let count: Int
  /// Mean, float64 `[d]`.
  public let mean: Tensor
  /// Covariance with divisor n − 1, float64 `[d, d]`.
  public let covariance: Tensor

  /// Summarises features `[n, d]` of two pictures or more.
  /// - Throws: `MetricError` if there are fewer, or some are not finite.
  public init(_ features: Tensor) throws {
    let features = try checkedFeatures(features, countMin: 2)
    count = features.shape[0]
    mean = try features.mean(along: 0)
    let centred = try features - mean
    covariance = try centred.transposed().matmul(centred) * (1 / Double(count - 1))
  }
}

/// The Fréchet distance of two normal distributions, which on Inception's features is the FID.
///
/// |μ₁ − μ₂|² + tr C₁ + tr C₂ − 2 tr (C₁ C₂)^½ (Heusel et al. 2017, equation 6; Dowson and Landau 1982). The last trace is taken
/// from the eigenvalues of the symmetric C₁^½ C₂ C₁^½, which has those of C₁ C₂: it is real and finite also where covariances
/// are singular, as with fewer pictures than features.
/// - Throws: `MetricError` for features of different widths, `TensorError` if an eigenvalue problem does not converge.
public func frechetDistance(_ a: FeatureStatistics, _ b: FeatureStatistics) throws -> Double {
  guard a.mean.shape == b.mean.shape else {
    throw MetricError(.features, "features of widths \(a.mean.shape) and \(b.mean.shape) cannot be compared")
  }
  let root = try a.covariance.symmetricRoot()
  let product = try root.matmul(b.covariance).matmul(root)
  let values = try ((product + product.transposed()) * 0.5).eigenSymmetric().values
  let overlap = try values.clamped(from: 0).sqrt().sum().scalar()
  let shift = try (a.mean - b.mean).squared().sum().scalar()
  let spread = try a.covariance.diagonal().sum().scalar() + b.covariance.diagonal().sum().scalar()
  return shift + spread - 2 * overlap
}

extension Tensor {
  /// The symmetric square root of a positive semidefinite matrix; eigenvalues that rounding made negative count as 0.
  fileprivate func symmetricRoot() throws(TensorError) -> Tensor {
    let (values, vectors) = try eigenSymmetric()
    return try (vectors * values.clamped(from: 0).sqrt()).matmul(vectors.transposed())
  }
}

/// Features as float64, once they are a matrix of enough rows and finite.
func checkedFeatures(_ features: Tensor, countMin: Int) throws -> Tensor {
  guard features.shape.count == 2, features.shape[0] >= countMin, features.shape[1] > 0 else {
    let found = "an array of shape \(features.shape)"
    throw MetricError(.features, "\(found) is not the features of at least \(countMin) pictures, one a row")
  }
  let features = try features.detached().converted(to: .float64)
  guard try features.abs().maximum().scalar().isFinite else {
    throw MetricError(.features, "some features are not finite; did the network diverge?")
  }
  return features
}
