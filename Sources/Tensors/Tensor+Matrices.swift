import CTorch

extension Tensor {
  /// Eigenvalues in ascending order [n] and eigenvectors as columns [n, n] of a symmetric matrix [n, n], of which the lower
  /// triangle is read.
  /// - Throws: `TensorError` if the matrix is not square or the iteration does not converge.
  public func eigenSymmetric() throws(TensorError) -> (values: Tensor, vectors: Tensor) {
    var vectors: OpaquePointer?
    let values = try produced { ctorch_eigen_symmetric(handle, $0, &vectors, $1) }
    guard let vectors else { throw TensorError(.operationFailed, "libtorch returned no eigenvectors") }
    return (values, Tensor(owning: vectors))
  }

  /// The lower triangle L with L Lᵀ equal to this matrix [n, n].
  /// - Throws: `TensorError` if the matrix is not positive definite.
  public func cholesky() throws(TensorError) -> Tensor { try produced { ctorch_cholesky(handle, $0, $1) } }

  /// The inverse of a matrix [n, n].
  /// - Throws: `TensorError` if the matrix is singular.
  public func inverse() throws(TensorError) -> Tensor { try produced { ctorch_inverse(handle, $0, $1) } }

  /// The diagonal of a matrix, a view of shape [.., n].
  public func diagonal() throws(TensorError) -> Tensor { try produced { ctorch_diagonal(handle, $0, $1) } }
}
