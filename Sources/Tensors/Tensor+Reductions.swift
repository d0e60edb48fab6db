import CTorch

// Dimensions may be counted from the end, the last being −1.
extension Tensor {
  /// The sum of all elements, a scalar.
  public func sum() throws(TensorError) -> Tensor { try reduced(CTORCH_SUM) }

  /// The mean of all elements, a scalar.
  public func mean() throws(TensorError) -> Tensor { try reduced(CTORCH_MEAN) }

  /// The largest element, a scalar.
  public func maximum() throws(TensorError) -> Tensor { try reduced(CTORCH_LARGEST) }

  /// The smallest element, a scalar.
  public func minimum() throws(TensorError) -> Tensor { try reduced(CTORCH_SMALLEST) }

  /// Sums along one dimension, which goes or stays with size 1.
  public func sum(along dimension: Int, keepingDimension: Bool = false) throws(TensorError) -> Tensor {
    try reduced(CTORCH_SUM, along: [dimension], keepingDimension)
  }

  /// Means along one dimension, which goes or stays with size 1.
  public func mean(along dimension: Int, keepingDimension: Bool = false) throws(TensorError) -> Tensor {
    try reduced(CTORCH_MEAN, along: [dimension], keepingDimension)
  }

  /// Largest elements along one dimension, which goes or stays with size 1.
  public func maximum(along dimension: Int, keepingDimension: Bool = false) throws(TensorError) -> Tensor {
    try reduced(CTORCH_LARGEST, along: [dimension], keepingDimension)
  }

  /// Smallest elements along one dimension, which goes or stays with size 1.
  public func minimum(along dimension: Int, keepingDimension: Bool = false) throws(TensorError) -> Tensor {
    try reduced(CTORCH_SMALLEST, along: [dimension], keepingDimension)
  }

  /// log Σ e^x along one dimension, which goes or stays with size 1.
  public func logSumExp(along dimension: Int, keepingDimension: Bool = false) throws(TensorError) -> Tensor {
    try reduced(CTORCH_LOGSUMEXP, along: [dimension], keepingDimension)
  }

  /// Sums along several dimensions, which go or stay with size 1.
  public func sum(alongAll dimensions: [Int], keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    try reduced(CTORCH_SUM, along: dimensions, keepingDimensions)
  }

  /// Means along several dimensions, which go or stay with size 1.
  public func mean(alongAll dimensions: [Int], keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    try reduced(CTORCH_MEAN, along: dimensions, keepingDimensions)
  }

  /// Variances along several dimensions, which go or stay with size 1; unbiased ones divide by n − 1.
  public func variance(
    alongAll dimensions: [Int], unbiased: Bool = true, keepingDimensions: Bool = false
  ) throws(TensorError) -> Tensor {
    try reduced(unbiased ? CTORCH_UNBIASED_VARIANCE : CTORCH_VARIANCE, along: dimensions, keepingDimensions)
  }

  /// The index of the largest element along one dimension, which goes; int64.
  public func indexOfMaximum(along dimension: Int) throws(TensorError) -> Tensor {
    try scanned(CTORCH_ARGMAX, dimension)
  }

  /// Running sums along one dimension.
  public func cumulativeSum(along dimension: Int) throws(TensorError) -> Tensor {
    try scanned(CTORCH_CUMULATIVE_SUM, dimension)
  }

  /// e^x / Σ e^x along one dimension.
  public func softmax(along dimension: Int) throws(TensorError) -> Tensor { try scanned(CTORCH_SOFTMAX, dimension) }

  /// x − log Σ e^x along one dimension.
  public func logSoftmax(along dimension: Int) throws(TensorError) -> Tensor {
    try scanned(CTORCH_LOG_SOFTMAX, dimension)
  }

  /// The elements in ascending order along one dimension.
  public func sorted(along dimension: Int) throws(TensorError) -> Tensor { try scanned(CTORCH_SORT, dimension) }

  /// The quantile along one dimension, which goes; linear between neighbours.
  /// - Throws: `TensorError` if `fraction` is not in 0…1 or the elements are not floating-point numbers.
  public func quantile(_ fraction: Double, along dimension: Int) throws(TensorError) -> Tensor {
    try produced { ctorch_quantile(handle, fraction, Int64(dimension), $0, $1) }
  }

  private func reduced(_ operation: CTorchReduction) throws(TensorError) -> Tensor {
    try produced { ctorch_reduce(operation, handle, $0, $1) }
  }

  private func reduced(
    _ operation: CTorchReduction, along dimensions: [Int], _ keepingDimensions: Bool
  ) throws(TensorError) -> Tensor {
    let dimensions = dimensions.map(Int64.init)
    return try produced {
      ctorch_reduce_along(operation, handle, dimensions, Int64(dimensions.count), keepingDimensions, $0, $1)
    }
  }

  private func scanned(_ operation: CTorchScan, _ dimension: Int) throws(TensorError) -> Tensor {
    try produced { ctorch_scan(operation, handle, Int64(dimension), $0, $1) }
  }
}
