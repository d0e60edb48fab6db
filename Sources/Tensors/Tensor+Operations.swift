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

  /// Every element divided by a number.
  public static func / (a: Tensor, b: Double) throws(TensorError) -> Tensor {
    try a.scalar(CTORCH_MULTIPLY_SCALAR, 1 / b)
  }

  /// Every element times −1.
  public static prefix func - (a: Tensor) throws(TensorError) -> Tensor { try a.unary(CTORCH_NEGATE) }

  /// The matrix product: [n, k] by [k, m] gives [n, m]; more dimensions are batches.
  public func matmul(_ other: Tensor) throws(TensorError) -> Tensor { try binary(CTORCH_MATMUL, other) }

  /// `bias + a b` in one pass: a is [n, k], b [k, m] and bias [m] or [n, m].
  public static func addmm(bias: Tensor, _ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    try produced { ctorch_addmm(bias.handle, a.handle, b.handle, $0, $1) }
  }

  /// The larger of two elements.
  public func maximum(_ other: Tensor) throws(TensorError) -> Tensor { try binary(CTORCH_MAXIMUM, other) }

  /// The smaller of two elements.
  public func minimum(_ other: Tensor) throws(TensorError) -> Tensor { try binary(CTORCH_MINIMUM, other) }

  /// Whether each element is less than the other tensor's, as a tensor of booleans.
  public func isLess(than other: Tensor) throws(TensorError) -> Tensor { try binary(CTORCH_LESS, other) }

  /// Whether each element is greater than the other tensor's, as a tensor of booleans.
  public func isGreater(than other: Tensor) throws(TensorError) -> Tensor { try binary(CTORCH_GREATER, other) }

  /// Whether each element equals the other tensor's, as a tensor of booleans.
  public func isEqual(to other: Tensor) throws(TensorError) -> Tensor { try binary(CTORCH_EQUAL, other) }

  /// The elements of `a` where the condition holds and of `b` elsewhere.
  public static func selecting(
    _ a: Tensor, where condition: Tensor, otherwise b: Tensor
  ) throws(TensorError) -> Tensor {
    try produced { ctorch_where(condition.handle, a.handle, b.handle, $0, $1) }
  }

  /// Every element to a power.
  public func pow(_ exponent: Double) throws(TensorError) -> Tensor { try scalar(CTORCH_POW, exponent) }

  func binary(_ operation: CTorchBinary, _ other: Tensor) throws(TensorError) -> Tensor {
    try produced { ctorch_binary(operation, handle, other.handle, $0, $1) }
  }

  private func scalar(_ operation: CTorchScalarOperation, _ number: Double) throws(TensorError) -> Tensor {
    try produced { ctorch_scalar(operation, handle, number, $0, $1) }
  }
}
