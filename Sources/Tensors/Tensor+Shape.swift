import CTorch

extension Tensor {
  /// The same elements in C order under another shape of the same count; one size may be −1 and is then inferred.
  /// - Throws: `TensorError` if the counts disagree.
  public func reshaped(to shape: [Int]) throws(TensorError) -> Tensor {
    let sizes = shape.map(Int64.init)
    return try produced { ctorch_reshape(handle, sizes, Int64(sizes.count), $0, $1) }
  }

  /// A view of `length` entries of one dimension, from `start` on.
  /// - Throws: `TensorError` if the range reaches beyond the dimension.
  public func narrowed(dimension: Int = 0, start: Int, length: Int) throws(TensorError) -> Tensor {
    try produced { ctorch_narrow(handle, Int64(dimension), Int64(start), Int64(length), $0, $1) }
  }

  /// A view with two dimensions exchanged.
  /// - Throws: `TensorError` if the tensor has no such dimensions.
  public func transposed(_ first: Int = 0, _ second: Int = 1) throws(TensorError) -> Tensor {
    try produced { ctorch_transpose(handle, Int64(first), Int64(second), $0, $1) }
  }

  /// A view with the dimensions in another order: dimension `i` of the result is `order[i]` of this.
  /// - Throws: `TensorError` if `order` does not name each dimension once.
  public func permuted(_ order: [Int]) throws(TensorError) -> Tensor {
    let order = order.map(Int64.init)
    return try produced { ctorch_permute(handle, order, Int64(order.count), $0, $1) }
  }

  /// A view in which dimensions of size 1 are repeated; −1 keeps a size.
  /// - Throws: `TensorError` if another size would have to change.
  public func expanded(to shape: [Int]) throws(TensorError) -> Tensor {
    let sizes = shape.map(Int64.init)
    return try produced { ctorch_expand(handle, sizes, Int64(sizes.count), $0, $1) }
  }

  /// A view with one dimension more, of size 1, at a position.
  public func unsqueezed(at dimension: Int) throws(TensorError) -> Tensor {
    try produced { ctorch_unsqueeze(handle, Int64(dimension), $0, $1) }
  }

  /// The elements in reverse order along some dimensions.
  public func flipped(_ dimensions: [Int]) throws(TensorError) -> Tensor {
    let dimensions = dimensions.map(Int64.init)
    return try produced { ctorch_flip(handle, dimensions, Int64(dimensions.count), $0, $1) }
  }

  /// Tensors one after the other along a dimension that they have.
  /// - Throws: `TensorError` if their other sizes differ or there are none.
  public static func concatenated(_ parts: [Tensor], along dimension: Int) throws(TensorError) -> Tensor {
    let handles: [OpaquePointer?] = parts.map(\.handle)
    return try produced { ctorch_concatenate(handles, Int64(handles.count), Int64(dimension), $0, $1) }
  }

  /// Tensors of one shape one after the other along a new dimension.
  /// - Throws: `TensorError` if their shapes differ or there are none.
  public static func stacked(_ parts: [Tensor], along dimension: Int = 0) throws(TensorError) -> Tensor {
    let handles: [OpaquePointer?] = parts.map(\.handle)
    return try produced { ctorch_stack(handles, Int64(handles.count), Int64(dimension), $0, $1) }
  }

  /// The entries of one dimension that an index names, in its order; the index is int64 of rank 1.
  /// - Throws: `TensorError` if an entry does not exist.
  public func rows(at index: Tensor, along dimension: Int = 0) throws(TensorError) -> Tensor {
    try produced { ctorch_rows(handle, Int64(dimension), index.handle, $0, $1) }
  }

  /// One element along a dimension for each element of an int64 index of the same rank.
  /// - Throws: `TensorError` if an element does not exist.
  public func gathered(along dimension: Int, index: Tensor) throws(TensorError) -> Tensor {
    try produced { ctorch_gather(handle, Int64(dimension), index.handle, $0, $1) }
  }

  /// What stands around a padded tensor.
  public enum Padding: Sendable {
    case zeros
    /// The elements mirrored at the edge, which is not repeated.
    case reflect
    /// The edge repeated.
    case replicate

    var cValue: CTorchPadding {
      switch self {
      case .zeros: CTORCH_PAD_ZEROS
      case .reflect: CTORCH_PAD_REFLECT
      case .replicate: CTORCH_PAD_REPLICATE
      }
    }
  }

  /// The tensor with a border.
  /// - Parameter widths: beginning with the last dimension: left, right, top, bottom, …
  public func padded(_ widths: [Int], mode: Padding = .zeros) throws(TensorError) -> Tensor {
    let widths = widths.map(Int64.init)
    return try produced { ctorch_pad(handle, widths, Int64(widths.count), mode.cValue, $0, $1) }
  }

  /// The same tensor [n, c, h, w] with its channels side by side in memory, as convolutions like it best.
  public func channelsLast() throws(TensorError) -> Tensor { try produced { ctorch_channels_last(handle, $0, $1) } }

  /// The same tensor in C order in memory.
  public func contiguous() throws(TensorError) -> Tensor { try produced { ctorch_contiguous(handle, $0, $1) } }
}
