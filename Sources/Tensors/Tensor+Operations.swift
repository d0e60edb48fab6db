import CTorch

// Shapes broadcast as in NumPy. Every operation throws `TensorError` if shapes or types do not fit, with libtorch's words.
extension Tensor {
  /// The sum, element by element.
  public static func + (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.binary(CTORCH_ADD, b) }

  /// The difference, element by element.
  public static func - (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.binary(CTORCH_SUBTRACT, b) }

  /// The product, element by element.
  public static func * (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.binary(CTORCH_MULTIPLY, b) }

  /// The quotient, element by element.
  public static func / (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try a.binary(CTORCH_DIVIDE, b) }

  /// A number added to every element.
  public static func + (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.scalar(CTORCH_ADD_SCALAR, b) }

  /// A number taken from every element.
  public static func - (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.scalar(CTORCH_ADD_SCALAR, -b) }

  /// Every element times a number.
  public static func * (a: Tensor, b: Double) throws(TensorError) -> Tensor { try a.scalar(CTORCH_MULTIPLY_SCALAR, b) }

  /// Every element times −1.
  public static prefix func - (a: Tensor) throws(TensorError) -> Tensor { try a.unary(CTORCH_NEGATE) }

  /// The matrix product: [n, k] by [k, m] gives [n, m]; more dimensions are batches.
  public func matmul(_ other: Tensor) throws(TensorError) -> Tensor { try binary(CTORCH_MATMUL, other) }

  /// `bias + a b` in one pass: a is [n, k], b [k, m] and bias [m] or [n, m].
  public static func addmm(bias: Tensor, _ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    try produced { ctorch_addmm(bias.handle, a.handle, b.handle, $0, $1) }
  }

  /// Every element to a power.
  public func pow(_ exponent: Double) throws(TensorError) -> Tensor { try scalar(CTORCH_POW, exponent) }

  /// e to every element.
  public func exp() throws(TensorError) -> Tensor { try unary(CTORCH_EXP) }

  /// The natural logarithm of every element.
  public func log() throws(TensorError) -> Tensor { try unary(CTORCH_LOG) }

  /// The square root of every element.
  public func sqrt() throws(TensorError) -> Tensor { try unary(CTORCH_SQRT) }

  /// The hyperbolic tangent of every element.
  public func tanh() throws(TensorError) -> Tensor { try unary(CTORCH_TANH) }

  /// max(0, x) of every element.
  public func relu() throws(TensorError) -> Tensor { try unary(CTORCH_RELU) }

  /// x Φ(x) of every element, Φ the normal distribution function (Hendrycks & Gimpel 2016, exact form).
  public func gelu() throws(TensorError) -> Tensor { try unary(CTORCH_GELU) }

  /// x / (1 + e^−x) of every element.
  public func silu() throws(TensorError) -> Tensor { try unary(CTORCH_SILU) }

  /// The sum of all elements, a scalar.
  public func sum() throws(TensorError) -> Tensor {
    try produced { ctorch_reduce(CTORCH_SUM, handle, $0, $1) }
  }

  /// The mean of all elements, a scalar.
  public func mean() throws(TensorError) -> Tensor {
    try produced { ctorch_reduce(CTORCH_MEAN, handle, $0, $1) }
  }

  /// Sums along one dimension, which goes or stays with size 1.
  public func sum(along dimension: Int, keepingDimension: Bool = false) throws(TensorError) -> Tensor {
    try produced { ctorch_reduce_along(CTORCH_SUM, handle, Int64(dimension), keepingDimension, $0, $1) }
  }

  /// Means along one dimension, which goes or stays with size 1.
  public func mean(along dimension: Int, keepingDimension: Bool = false) throws(TensorError) -> Tensor {
    try produced { ctorch_reduce_along(CTORCH_MEAN, handle, Int64(dimension), keepingDimension, $0, $1) }
  }

  private func unary(_ operation: CTorchUnary) throws(TensorError) -> Tensor {
    try produced { ctorch_unary(operation, handle, $0, $1) }
  }

  private func binary(_ operation: CTorchBinary, _ other: Tensor) throws(TensorError) -> Tensor {
    try produced { ctorch_binary(operation, handle, other.handle, $0, $1) }
  }

  private func scalar(_ operation: CTorchScalarOperation, _ number: Double) throws(TensorError) -> Tensor {
    try produced { ctorch_scalar(operation, handle, number, $0, $1) }
  }
}
