import CTorch

extension Tensor {
  /// e to every element.
  public func exp() throws(TensorError) -> Tensor { try unary(CTORCH_EXP) }

  /// e to every element, minus 1, exact near 0.
  public func expm1() throws(TensorError) -> Tensor { try unary(CTORCH_EXPM1) }

  /// The natural logarithm of every element.
  public func log() throws(TensorError) -> Tensor { try unary(CTORCH_LOG) }

  /// The natural logarithm of 1 + x, exact near 0.
  public func log1p() throws(TensorError) -> Tensor { try unary(CTORCH_LOG1P) }

  /// The square root of every element.
  public func sqrt() throws(TensorError) -> Tensor { try unary(CTORCH_SQRT) }

  /// 1 / √x of every element.
  public func rsqrt() throws(TensorError) -> Tensor { try unary(CTORCH_RSQRT) }

  /// 1 / x of every element.
  public func reciprocal() throws(TensorError) -> Tensor { try unary(CTORCH_RECIPROCAL) }

  /// The square of every element.
  public func squared() throws(TensorError) -> Tensor { try unary(CTORCH_SQUARE) }

  /// The absolute value of every element.
  public func abs() throws(TensorError) -> Tensor { try unary(CTORCH_ABS) }

  /// −1, 0 or 1: the sign of every element.
  public func sign() throws(TensorError) -> Tensor { try unary(CTORCH_SIGN) }

  /// Every element rounded down.
  public func floor() throws(TensorError) -> Tensor { try unary(CTORCH_FLOOR) }

  /// The sine of every element, in radians.
  public func sin() throws(TensorError) -> Tensor { try unary(CTORCH_SIN) }

  /// The cosine of every element, in radians.
  public func cos() throws(TensorError) -> Tensor { try unary(CTORCH_COS) }

  /// The hyperbolic tangent of every element.
  public func tanh() throws(TensorError) -> Tensor { try unary(CTORCH_TANH) }

  /// The error function of every element.
  public func erf() throws(TensorError) -> Tensor { try unary(CTORCH_ERF) }

  /// 1 / (1 + e^−x) of every element.
  public func sigmoid() throws(TensorError) -> Tensor { try unary(CTORCH_SIGMOID) }

  /// log(1 + e^x) of every element.
  public func softplus() throws(TensorError) -> Tensor { try unary(CTORCH_SOFTPLUS) }

  /// log Γ(x), element by element.
  public func logGamma() throws(TensorError) -> Tensor { try unary(CTORCH_LOG_GAMMA) }

  /// The derivative of log Γ(x), element by element.
  public func digamma() throws(TensorError) -> Tensor { try unary(CTORCH_DIGAMMA) }

  /// max(0, x) of every element.
  public func relu() throws(TensorError) -> Tensor { try unary(CTORCH_RELU) }

  /// x / (1 + e^−x) of every element.
  public func silu() throws(TensorError) -> Tensor { try unary(CTORCH_SILU) }

  /// x Φ(x) of every element, Φ the normal distribution function (Hendrycks & Gimpel 2016, exact form).
  public func gelu() throws(TensorError) -> Tensor { try unary(CTORCH_GELU) }

  /// The same by the approximation with tanh (ibid., section 2).
  public func geluTanh() throws(TensorError) -> Tensor { try unary(CTORCH_GELU_TANH) }

  /// Every element moved into a range; a bound that is nil does not bind.
  public func clamped(from low: Double? = nil, to high: Double? = nil) throws(TensorError) -> Tensor {
    try produced { ctorch_clamp(handle, low ?? .nan, high ?? .nan, $0, $1) }
  }

  func unary(_ operation: CTorchUnary) throws(TensorError) -> Tensor {
    try produced { ctorch_unary(operation, handle, $0, $1) }
  }
}
