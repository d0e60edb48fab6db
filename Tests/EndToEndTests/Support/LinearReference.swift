import Datasets
import Tensors

/// Linear regression with a Gaussian prior on coefficients and intercept, whose noise is what the evidence says about the most
/// probable coefficients: every step a formula.
struct LinearReference {
  /// Variance of the noise.
  let noise: Double
  /// Mean and variance of the function at the rows held out.
  let predictions: [(mean: Double, variance: Double)]

  init(_ data: RegressionData, precision: Double) throws {
    let width = data.featureCount + 1
    func design(_ part: RegressionData.Part) throws -> Tensor {
      let rows = part.targets.indices.map { part.inputs[$0 * (width - 1)..<($0 + 1) * (width - 1)] + [1] }
      return try Tensor(rows.flatMap { $0 }, shape: [rows.count, width])
    }
    let (x, y) = (
      try design(data.training), try Tensor(data.training.targets, shape: [data.training.targets.count, 1])
    )
    let prior = try Tensor((0..<width * width).map { $0 % (width + 1) == 0 ? precision : 0 }, shape: [width, width])
    let (square, product) = (try x.transposed().matmul(x), try x.transposed().matmul(y))
    let rows = Double(data.training.targets.count)
    // The mode of coefficients and noise together.
    var (beta, error, variance) = (y, 0.0, 1.0)
    for _ in 0..<200 {
      beta = try (square / variance + prior).inverse().matmul(product / variance)
      error = try (y - x.matmul(beta)).squared().sum().scalar()
      variance = error / rows
    }
    // MacKay 1992, equation 4.9: σ² = Σ (y − f)² / (rows − γ), γ the coefficients that the data decide.
    for _ in 0..<200 {
      let spread = try (square / variance + prior).inverse().diagonal().sum().scalar()
      variance = error / (rows - (Double(width) - precision * spread))
    }
    noise = variance
    let tests = try design(data.test)
    let covariance = try (square / variance + prior).inverse()
    let variances = try tests.matmul(covariance).matmul(tests.transposed()).diagonal().array(of: Double.self)
    predictions = zip(try tests.matmul(beta).reshaped(to: [-1]).array(of: Double.self), variances).map { ($0, $1) }
  }
}
