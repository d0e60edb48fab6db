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
}
