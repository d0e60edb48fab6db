import CTorch

/// What a step of `chainStep` multiplies by.
public struct ChainStep: Equatable, Sendable {
  /// Length of a step.
  public var rate: Double
  /// What is left of the momentum.
  public var momentum: Double
  /// What of the weights joins the gradient.
  public var decay: Double
  /// Standard deviation of the noise on the gradient.
  public var deviation: Double

  /// Makes the coefficients of a step.
  public init(rate: Double, momentum: Double = 0, decay: Double = 0, deviation: Double = 0) {
    (self.rate, self.momentum, self.decay, self.deviation) = (rate, momentum, decay, deviation)
  }
}

/// One step along gradients and noise, written into parameters and momenta in one pass through memory:
///
///     g = gradient + decay · x;  v = momentum · v + g + deviation · z;  x −= rate · v
///
/// The z are `Tensor.singleNormals` of the key by place in the flat tensor, so they depend on nothing else.
/// - Parameters:
///   - parameters: views of `flat`, as `Tensor.flattened` makes them.
///   - gradients: one a parameter, in whatever layout.
///   - momenta: as many numbers as `flat` has, laid out as those are.
///   - isPortable: whether instructions that only some processors have are left out; the bits are the same.
/// - Returns: the sums of the squares of g and of v.
/// - Throws: `TensorError` if shapes, types or places disagree.
public func chainStep(
  _ parameters: [Tensor], in flat: Tensor, gradients: [Tensor], momenta: Tensor, _ step: ChainStep, key: RandomKey,
  isPortable: Bool = false
) throws(TensorError) -> (gradient: Double, momentum: Double) {
  try requireEqualCounts([parameters.count, gradients.count])
  var coefficients = CTorchChainStep(
    key: key.bits, rate: step.rate, momentum: step.momentum, decay: step.decay, deviation: step.deviation,
    portable: isPortable)
  var squares = [0.0, 0.0]
  try checked {
    ctorch_chain_step(
      flat.handle, momenta.handle, parameters.handles, gradients.handles, Int64(parameters.count), &coefficients,
      &squares, $0)
  }
  return (squares[0], squares[1])
}

extension Tensor {
  /// Copies 32-bit tensors one after the other into one piece of memory, each beginning at a multiple of 64 numbers; between them
  /// are zeros.
  /// - Returns: all of it, and views of it with the shapes and layouts of the tensors.
  public static func flattened(_ tensors: [Tensor]) throws(TensorError) -> (flat: Tensor, views: [Tensor]) {
    var flat: OpaquePointer?
    var views = [OpaquePointer?](repeating: nil, count: tensors.count)
    try checked { ctorch_flatten(tensors.handles, Int64(tensors.count), &flat, &views, $0) }
    guard let flat else { throw TensorError(.operationFailed, "libtorch returned no tensor") }
    return (Tensor(owning: flat), views.compactMap { $0.map(Tensor.init(owning:)) })
  }

  /// The first standard normal numbers of a key's 32-bit stream, which is made many at once and not that of `normals`: 64 by 64 by
  /// Philox and the transform of Box & Muller, none farther from 0 than 6.8.
  public static func singleNormals(
    key: RandomKey, count: Int, isPortable: Bool = false
  ) throws(TensorError) -> Tensor {
    try produced { ctorch_single_normals(key.bits, Int64(count), isPortable, $0, $1) }
  }

  /// The norm of all numbers of some tensors together.
  public static func norm(of tensors: [Tensor]) throws(TensorError) -> Double {
    var sum = 0.0
    try checked { ctorch_squares(tensors.handles, Int64(tensors.count), &sum, $0) }
    return sum.squareRoot()
  }
}
