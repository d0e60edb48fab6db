import Tensors

/// A fully connected layer, y = x Wᵀ + b, as a view into a flat parameter vector.
///
/// Shapes: x [n, inputs], W [outputs, inputs], b [outputs], y [n, outputs]. In the flat vector the weight comes first,
/// row-major, then the bias: `parameterCount` numbers from `offset` on.
/// Initial distribution: weights N(0, 1 / inputs) (LeCun et al. 1998), biases 0.
public struct Dense: Equatable, Sendable {
  /// Width of a row of inputs.
  public let inputs: Int
  /// Width of a row of outputs.
  public let outputs: Int
  /// Where the layer's parameters begin in the flat vector.
  public let offset: Int

  /// Makes the view of a layer.
  public init(inputs: Int, outputs: Int, offset: Int = 0) {
    self.inputs = inputs
    self.outputs = outputs
    self.offset = offset
  }

  /// The number of parameters.
  public var parameterCount: Int { (inputs + 1) * outputs }

  /// Where the weight lies in the flat vector.
  public var weightRange: Range<Int> { offset..<(offset + inputs * outputs) }

  /// Where the bias lies in the flat vector.
  public var biasRange: Range<Int> { weightRange.upperBound..<(weightRange.upperBound + outputs) }

  /// The layer's output, [n, outputs], for a flat parameter vector and inputs [n, inputs].
  /// - Throws: `TensorError` if a shape does not fit.
  public func callAsFunction(_ x: Tensor, parameters: Tensor) throws(TensorError) -> Tensor {
    let weight = try parameters.narrowed(start: weightRange.lowerBound, length: weightRange.count)
      .reshaped(to: [outputs, inputs])
    let bias = try parameters.narrowed(start: biasRange.lowerBound, length: biasRange.count)
    return try Tensor.addmm(bias: bias, x, weight.transposed())
  }

  /// A draw of the layer's parameters from the initial distribution, in the flat order.
  public func initialParameters(key: RandomKey) -> [Double] {
    let deviation = 1 / Double(inputs).squareRoot()
    return key.normals(count: weightRange.count).map { $0 * deviation } + [Double](repeating: 0, count: outputs)
  }
}
