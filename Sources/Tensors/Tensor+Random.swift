extension Tensor {
  /// Standard normal numbers of a key's stream, in C order.
  public static func normals(
    key: RandomKey, shape: [Int], type: DataType = .float32
  ) throws(TensorError) -> Tensor {
    try Tensor(key.normals(count: shape.reduce(1, *)), shape: shape).converted(to: type)
  }

  /// Uniform numbers in [0, 1) of a key's stream, in C order.
  ///
  /// In float32 a number close to 1 may round to 1.
  public static func uniforms(
    key: RandomKey, shape: [Int], type: DataType = .float32
  ) throws(TensorError) -> Tensor {
    try Tensor(key.uniforms(count: shape.reduce(1, *)), shape: shape).converted(to: type)
  }
}
