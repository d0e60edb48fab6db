import CTorch

// What classifiers are made of and trained by.
extension Tensor {
  /// [n, c, ..] with mean 0 and variance 1 within each channel of this batch, then scaled and shifted channel by channel
  /// (Ioffe & Szegedy 2015, algorithm 1).
  /// - Returns: the result, through which gradients also reach the statistics; and, without a record, the batch's mean and
  ///   unbiased variance, each [c].
  /// - Throws: `TensorError` if a channel has a single value.
  public func batchNormalized(
    weight: Tensor, bias: Tensor, epsilon: Double = 1e-5
  ) throws(TensorError) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    var (mean, variance): (OpaquePointer?, OpaquePointer?)
    let output = try produced {
      ctorch_batch_norm(handle, weight.handle, bias.handle, epsilon, $0, &mean, &variance, $1)
    }
    guard let mean, let variance else { throw TensorError(.operationFailed, "libtorch returned no statistics") }
    return (output, Tensor(owning: mean), Tensor(owning: variance))
  }

  /// [n, c, ..] less a mean [c], over the root of a variance [c], then scaled and shifted channel by channel.
  public func normalized(
    mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor, epsilon: Double = 1e-5
  ) throws(TensorError) -> Tensor {
    try produced {
      ctorch_stored_norm(handle, mean.handle, variance.handle, weight.handle, bias.handle, epsilon, $0, $1)
    }
  }

  /// The largest of squares of 2 × 2 of a rectified convolution of [n, in, h, w] with a weight [out, in, kh, kw], of stride 1:
  /// what begins a small network of pictures, in one pass over memory where the kernel is 5 × 5 and channels are few.
  public func convolvedAndPooled(weight: Tensor, bias: Tensor, padding: Int = 0) throws(TensorError) -> Tensor {
    try produced { ctorch_convolve_pooled(handle, weight.handle, bias.handle, Int64(padding), $0, $1) }
  }

  /// Every element dropped with a probability and otherwise divided by 1 − that (Srivastava et al. 2014).
  ///
  /// Which are dropped is a function of the key and of an element's place in C order, whatever the values and the layout
  /// in memory are.
  /// - Throws: `TensorError` if the probability is not at least 0 and less than 1.
  public func dropped(probability: Double, key: RandomKey) throws(TensorError) -> Tensor {
    let sizes = shape.map(Int64.init)
    let mask = try produced { ctorch_dropout_mask(key.bits, probability, sizes, Int64(sizes.count), $0, $1) }
    return try self * mask.converted(to: type)
  }

  /// The cross entropy of each row of these logits [n, classes] with its label: −Σ q log softmax, [n].
  /// - Parameters:
  ///   - labels: int64 [n].
  ///   - smoothing: share of q that all classes have equally, the rest being the label's (Szegedy et al. 2016, section 7).
  /// - Throws: `TensorError` if a label is not one of the classes.
  public func crossEntropies(labels: Tensor, smoothing: Double = 0) throws(TensorError) -> Tensor {
    try produced { ctorch_cross_entropies(handle, labels.handle, smoothing, $0, $1) }
  }
}
