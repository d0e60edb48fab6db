import Tensors

// Images are kept channels-last, so going from [n, c, h, w] to tokens [n, h · w, c] and back copies nothing.
extension Tensor {
  /// The pixels of [n, c, h, w] as tokens [n, h · w, c].
  func imageTokens() throws -> Tensor {
    let shape = shape
    return try permuted([0, 2, 3, 1]).reshaped(to: [shape[0], shape[2] * shape[3], shape[1]])
  }

  /// Tokens [n, h · w, c] as an image [n, c, h, w].
  func asImage(height: Int, width: Int) throws -> Tensor {
    let shape = shape
    return try reshaped(to: [shape[0], height, width, shape[2]]).permuted([0, 3, 1, 2])
  }

  /// [n, tokens, heads · width] as [n, heads, tokens, width].
  func split(heads: Int) throws -> Tensor {
    let shape = shape
    return try reshaped(to: [shape[0], shape[1], heads, shape[2] / heads]).transposed(1, 2)
  }

  /// [n, heads, tokens, width] as [n, tokens, heads · width].
  func joinedHeads() throws -> Tensor {
    let shape = shape
    return try transposed(1, 2).reshaped(to: [shape[0], shape[2], shape[1] * shape[3]])
  }
}
