import CTorch

extension Tensor {
  /// A copy of a weight together with what `linear` and `convolved` make of it before they use it: made once here, and not in
  /// every call that records no gradient.
  public func readied() throws(TensorError) -> Tensor {
    try produced { ctorch_ready(handle, $0, $1) }
  }

  /// x Wᵀ + b over the last dimension: x [.., in], W [out, in], b [out].
  public func linear(weight: Tensor, bias: Tensor? = nil) throws(TensorError) -> Tensor {
    try produced { ctorch_linear(handle, weight.handle, bias?.handle, $0, $1) }
  }

  /// The convolution of [n, in, h, w] with a weight [out, in / groups, kh, kw]; zeros stand around the input.
  public func convolved(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1
  ) throws(TensorError) -> Tensor {
    try produced {
      ctorch_convolve(
        handle, weight.handle, bias?.handle, Int64(stride), Int64(padding), Int64(dilation), Int64(groups), false, $0,
        $1)
    }
  }

  /// What a convolution with a square kernel sees of [n, c, h, w] at each place, [n, c · kernel², places]: the product of a
  /// weight [out, c · kernel²] with it is the convolution.
  public func patches(kernel: Int, stride: Int = 1, padding: Int = 0) throws(TensorError) -> Tensor {
    try produced { ctorch_patches(handle, Int64(kernel), Int64(stride), Int64(padding), $0, $1) }
  }

  /// The transpose of a convolution, from [n, in, h, w] with a weight [in, out / groups, kh, kw].
  public func transposeConvolved(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, groups: Int = 1
  ) throws(TensorError) -> Tensor {
    try produced {
      ctorch_convolve(
        handle, weight.handle, bias?.handle, Int64(stride), Int64(padding), 1, Int64(groups), true, $0, $1)
    }
  }

  /// [n, c, ..] with mean 0 and variance 1 within each group of channels, then scaled and shifted channel by channel
  /// (Wu & He 2018).
  public func groupNormalized(
    groups: Int, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5
  ) throws(TensorError) -> Tensor {
    try produced { ctorch_group_norm(handle, Int64(groups), weight?.handle, bias?.handle, epsilon, $0, $1) }
  }

  /// SiLU of the group norm of [n, c, h, w], to which [n, c] is added first: what stands between the convolutions of a
  /// residual block, in one pass over memory where the image is channels-last.
  public func groupNormalizedSiLU(
    shift: Tensor? = nil, groups: Int, weight: Tensor, bias: Tensor, epsilon: Double = 1e-5
  ) throws(TensorError) -> Tensor {
    try produced {
      ctorch_group_norm_silu(
        handle, shift?.handle, Int64(groups), weight.handle, bias.handle, epsilon, $0, $1)
    }
  }

  /// Mean 0 and variance 1 over the last dimensions, then scaled and shifted (Ba et al. 2016).
  public func layerNormalized(
    lastDimensions: Int = 1, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5
  ) throws(TensorError) -> Tensor {
    try produced { ctorch_layer_norm(handle, Int64(lastDimensions), weight?.handle, bias?.handle, epsilon, $0, $1) }
  }

  /// softmax(Q Kᵀ · scale + mask) V (Vaswani et al. 2017, equation 1).
  ///
  /// Shapes: Q [.., queries, width], K [.., keys, width], V [.., keys, values].
  /// - Parameters:
  ///   - mask: booleans that say which keys a query sees, or numbers to add; it broadcasts to [.., queries, keys].
  ///   - scale: by default 1 / √width.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, scale: Double? = nil
  ) throws(TensorError) -> Tensor {
    try produced {
      ctorch_attention(query.handle, key.handle, value.handle, mask?.handle, scale ?? .nan, $0, $1)
    }
  }

  /// How new pixels come from old ones; pixels are areas, and their centres are where values are taken.
  public enum Interpolation: Sendable {
    case nearest, bilinear, bicubic
    /// The mean of the old pixels that a new one covers.
    case area

    var cValue: CTorchInterpolation {
      switch self {
      case .nearest: CTORCH_NEAREST
      case .bilinear: CTORCH_BILINEAR
      case .bicubic: CTORCH_BICUBIC
      case .area: CTORCH_AREA
      }
    }
  }

  /// [n, c, h, w] at another size.
  /// - Parameter antialiased: widens bilinear and bicubic filters when the image gets smaller.
  public func resized(
    to size: (height: Int, width: Int), by interpolation: Interpolation = .nearest, antialiased: Bool = false
  ) throws(TensorError) -> Tensor {
    try produced {
      ctorch_resize(handle, Int64(size.height), Int64(size.width), interpolation.cValue, antialiased, $0, $1)
    }
  }

  /// Means of squares of [n, c, h, w]; zeros around the input count.
  public func averagePooled(size: Int, stride: Int? = nil, padding: Int = 0) throws(TensorError) -> Tensor {
    try produced { ctorch_average_pool(handle, Int64(size), Int64(stride ?? size), Int64(padding), $0, $1) }
  }

  /// Largest elements of squares of [n, c, h, w].
  public func maximumPooled(size: Int, stride: Int? = nil) throws(TensorError) -> Tensor {
    try produced { ctorch_maximum_pool(handle, Int64(size), Int64(stride ?? size), $0, $1) }
  }
}
