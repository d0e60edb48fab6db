import CTorch

// Together with `ChainStep.swift` the only functions that write into tensors: a network's parameters and its optimiser's state are too large to be made
// anew at each step. Whoever calls them owns the tensors and keeps no other view of them.

/// One step of AdamW (Loshchilov & Hutter 2019, algorithm 2), written into parameters and moments.
///
/// With `decay` 0 it is Adam (Kingma & Ba 2015, algorithm 1).
/// - Parameters:
///   - gradients: in whatever layout; the moments must be laid out as their parameters are (`Tensor.zeros(like:)`).
///   - step: from 1.
///   - decay: what a parameter loses at rate 1, apart from its gradient.
/// - Throws: `TensorError` if shapes or types disagree.
public func adamStep(
  parameters: [Tensor], gradients: [Tensor], firstMoments: [Tensor], secondMoments: [Tensor], step: Int, rate: Double,
  beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0
) throws(TensorError) {
  try requireEqualCounts([parameters.count, gradients.count, firstMoments.count, secondMoments.count])
  try checked {
    ctorch_adam_step(
      parameters.handles, gradients.handles, firstMoments.handles, secondMoments.handles, Int64(parameters.count),
      Int64(step), rate, beta1, beta2, epsilon, decay, $0)
  }
}

/// One step of stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form), written into parameters
/// and momenta:
///
///     g += decay · x;  v = momentum · v + g;  x −= rate · v,  or with Nesterov's momentum  x −= rate · (g + momentum · v)
/// - Parameters:
///   - gradients: in whatever layout; the momenta must be laid out as their parameters are (`Tensor.zeros(like:)`).
/// - Throws: `TensorError` if shapes or types disagree.
public func sgdStep(
  parameters: [Tensor], gradients: [Tensor], momenta: [Tensor], rate: Double, momentum: Double = 0.9, decay: Double = 0,
  nesterov: Bool = false
) throws(TensorError) {
  try requireEqualCounts([parameters.count, gradients.count, momenta.count])
  try checked {
    ctorch_sgd_step(
      parameters.handles, gradients.handles, momenta.handles, Int64(parameters.count), rate, momentum, decay, nesterov,
      $0)
  }
}

extension Tensor {
  /// Zeros of the type, the shape and the layout in memory of another tensor: what a moment begins with.
  public static func zeros(like other: Tensor) throws(TensorError) -> Tensor {
    try produced { ctorch_tensor_zeros_like(other.handle, $0, $1) }
  }
}

/// `target += weight · (source − target)`, written into the targets: an exponential moving average.
/// - Throws: `TensorError` if shapes or types disagree.
public func blend(_ targets: [Tensor], towards sources: [Tensor], by weight: Double) throws(TensorError) {
  try requireEqualCounts([targets.count, sources.count])
  try checked { ctorch_blend(targets.handles, sources.handles, Int64(targets.count), weight, $0) }
}

func requireEqualCounts(_ counts: [Int]) throws(TensorError) {
  guard Set(counts).count == 1 else {
    throw TensorError(.invalidArgument, "lists of \(counts) tensors do not pair: give equally many of each")
  }
}

extension [Tensor] {
  var handles: [OpaquePointer?] { map(\.handle) }
}
