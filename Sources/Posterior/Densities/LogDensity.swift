import Tensors

/// A log density over ℝⁿ, up to a constant: what the kernels draw from.
///
/// A position is one flat vector without constraints; a constrained parameter is sampled through a transformation whose
/// Jacobian the density adds. This is the whole of a density, a line y = a + b x with noise of unknown scale:
///
///     struct Line: LogDensity {
///       let x: [Double], y: [Double]
///       let dimensions = 3  // a, b, log σ
///
///       func valueAndGradient(at position: [Double], gradient: inout [Double]) -> Double {
///         let (a, b, logSigma) = (position[0], position[1], position[2])
///         let weight = exp(-2 * logSigma)
///         var value = -a * a / 2 - b * b / 2 - logSigma * logSigma / 2  // standard normal priors
///         gradient = [-a, -b, -logSigma]
///         for (x, y) in zip(x, y) {
///           let residual = y - a - b * x
///           value -= residual * residual * weight / 2 + logSigma
///           gradient[0] += residual * weight
///           gradient[1] += residual * weight * x
///           gradient[2] += residual * residual * weight - 1
///         }
///         return value
///       }
///     }
///
/// Here log σ itself has the prior, so no Jacobian is due. `AutogradDensity` spares the gradient by hand.
///
/// A value that is −∞ or not a number means "no density here": the kernel rejects, or counts a divergence. Throw only
/// what should end the task. The same position must give the same bits every time, else a resumed chain differs.
public protocol LogDensity {
  /// Length of a position.
  var dimensions: Int { get }

  /// The log density at a position, and its gradient.
  /// - Parameters:
  ///   - position: `dimensions` numbers.
  ///   - gradient: `dimensions` numbers, all to be overwritten.
  func valueAndGradient(at position: [Double], gradient: inout [Double]) throws(PosteriorError) -> Double

  /// The log density alone, for kernels without gradients; by default the gradient is computed and dropped.
  func value(at position: [Double]) throws(PosteriorError) -> Double

  /// A point to start a chain from; by default every coordinate is uniform in (−2, 2), as in Stan.
  ///
  /// If its density is not finite, a chain asks again with another key.
  func initialPosition(key: RandomKey) -> [Double]
}

extension LogDensity {
  /// The log density alone.
  public func value(at position: [Double]) throws(PosteriorError) -> Double {
    var gradient = [Double](repeating: 0, count: dimensions)
    return try valueAndGradient(at: position, gradient: &gradient)
  }

  /// Every coordinate uniform in (−2, 2), as in Stan.
  public func initialPosition(key: RandomKey) -> [Double] {
    key.uniforms(count: dimensions).map { 4 * $0 - 2 }
  }

  /// Checks the length of a position or gradient that came from outside.
  func requireCount(_ count: Int) throws(PosteriorError) {
    try require(count == dimensions, "a position of this density has \(dimensions) numbers, not \(count)")
  }
}
