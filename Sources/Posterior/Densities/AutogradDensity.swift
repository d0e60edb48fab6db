import Tensors

/// A log density written as tensor operations, differentiated by libtorch.
///
///     let density = AutogradDensity(dimensions: 2) { position in
///       try -((position * position).sum() * 0.5)
///     }
///
/// It is the general way; recording costs some microseconds an operation, see `MLPRegression` for one by hand.
public struct AutogradDensity: LogDensity {
  /// Length of a position.
  public let dimensions: Int
  private let precision: DataType
  private let logDensity: (Tensor) throws -> Tensor

  /// Makes a density.
  /// - Parameters:
  ///   - dimensions: length of a position.
  ///   - precision: the type of the tensor that the closure is given, `.float64` or `.float32`.
  ///   - logDensity: maps a position, shape [dimensions], to a scalar that depends on it.
  public init(
    dimensions: Int, precision: DataType = .float64, logDensity: @escaping (Tensor) throws -> Tensor
  ) {
    self.dimensions = dimensions
    self.precision = precision
    self.logDensity = logDensity
  }

  /// The log density and its gradient, by reverse-mode differentiation.
  public func valueAndGradient(
    at position: [Double], gradient: inout [Double]
  ) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    do {
      let tracked = try Tensor(position).converted(to: precision).tracked()
      let value = try logDensity(tracked)
      let gradients = try Tensors.gradient(of: value, withRespectTo: [tracked])
      gradient = try gradients[0].converted(to: .float64).array(of: Double.self)
      return try value.scalar()
    } catch {
      throw failure(error)
    }
  }

  /// The log density alone, without recording.
  public func value(at position: [Double]) throws(PosteriorError) -> Double {
    try requireCount(position.count)
    do {
      return try withoutGradient { try logDensity(Tensor(position).converted(to: precision)).scalar() }
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ cause: any Error) -> PosteriorError {
    PosteriorError(.densityFailed, "the closure of an AutogradDensity failed", cause: cause)
  }
}
