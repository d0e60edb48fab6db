import CKernels
import Networks
import Specification

/// The log likelihood of rows of data under a multilayer perceptron, with its gradient in the network's flat parameter vector.
///
/// Value and gradient are taken in one pass over tiles of rows that fit the processor's near caches, in float32 and without
/// asking for memory; the bits are the same on every processor. An instance keeps buffers and belongs to one thread.
public final class MLPLikelihood {
  /// What the outputs of a row say about its target y.
  public enum Family: Sendable {
    /// One output f: y ~ N(f, σ²), σ given with the parameters.
    case normal
    /// Two outputs f, s: y ~ N(f, e²ˢ).
    case normalPerRow
    /// One output f: y is 1 with probability 1 / (1 + e^−f), else 0.
    case bernoulli
    /// An output for each class: y is the number of a class, whose probability is softmax(f).
    case categorical
  }

  /// The network.
  public let network: MLP
  /// Rows of data.
  public let rows: Int
  private let handle: OpaquePointer

  /// Binds a network to data.
  /// - Parameters:
  ///   - inputs: row-major, rows × the network's inputs.
  ///   - targets: one a row; nil if only `outputs` will be asked for.
  /// - Throws: `PosteriorError` if lengths or the number of outputs do not fit.
  public init(
    _ network: MLP, _ family: Family, inputs: [Double], targets: [Double]?
  ) throws(PosteriorError) {
    let widths = network.widths.map(Int64.init)
    let (width, outputs) = (network.widths[0], network.widths[network.widths.count - 1])
    try require(
      !inputs.isEmpty && inputs.count.isMultiple(of: width),
      "\(inputs.count) inputs are not whole rows of \(width) columns")
    let rows = inputs.count / width
    try require(targets.map { $0.count == rows } ?? true, "\(targets?.count ?? 0) targets do not fit \(rows) rows")
    let fits =
      switch family {
      case .normal, .bernoulli: outputs == 1
      case .normalPerRow: outputs == 2
      case .categorical: targets?.allSatisfy { (0..<Double(outputs)).contains($0) && $0 == $0.rounded() } ?? true
      }
    try require(
      fits || targets == nil, "\(outputs) outputs of the network do not fit the targets of a \(family) likelihood")
    let handle = ckernels_perceptron_create(
      widths, Int64(widths.count), network.activation.kernel, family.kernel, inputs, targets, Int64(rows))
    guard let handle else { throw PosteriorError(.densityFailed, "there is no memory for \(rows) rows of a network") }
    (self.handle, self.network, self.rows) = (handle, network, rows)
  }

  deinit { ckernels_perceptron_free(handle) }

  /// The log likelihood of all rows; its gradient overwrites the leading `parameterCount` numbers of `gradient`.
  /// - Parameter noise: σ of the normal family; the others do not look at it.
  /// - Returns: The log likelihood, and its derivative in log σ.
  package func value(
    at parameters: [Double], noise: Double = 1, gradient: inout [Double]
  ) -> (value: Double, noiseGradient: Double) {
    precondition(parameters.count >= network.parameterCount && gradient.count >= network.parameterCount)
    var noiseGradient = 0.0
    let value = ckernels_perceptron_gradient(handle, parameters, noise, &gradient, &noiseGradient)
    return (value, noiseGradient)
  }

  /// The same for some rows alone.
  package func value(
    ofRows chosen: ArraySlice<Int64>, at parameters: [Double], noise: Double = 1, gradient: inout [Double]
  ) -> (value: Double, noiseGradient: Double) {
    precondition(parameters.count >= network.parameterCount && gradient.count >= network.parameterCount)
    precondition(chosen.allSatisfy { (0..<Int64(rows)).contains($0) })
    var noiseGradient = 0.0
    let value = chosen.withUnsafeBufferPointer { chosen in
      guard let first = chosen.baseAddress else { return 0.0 }
      return ckernels_perceptron_gradient_of_rows(
        handle, first, Int64(chosen.count), parameters, noise, &gradient, &noiseGradient)
    }
    return (value, noiseGradient)
  }

  /// The network's outputs at every row, row-major.
  public func outputs(at parameters: [Double]) -> [Double] {
    precondition(parameters.count >= network.parameterCount)
    let count = rows * network.widths[network.widths.count - 1]
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let first = buffer.baseAddress { ckernels_perceptron_outputs(handle, parameters, first) }
      initialized = count
    }
  }
}

extension Activation {
  fileprivate var kernel: CKernelsActivation {
    switch self {
    case .tanh: CKERNELS_TANH
    case .relu: CKERNELS_RELU
    case .gelu: CKERNELS_GELU
    case .silu: CKERNELS_SILU
    }
  }
}

extension MLPLikelihood.Family {
  fileprivate var kernel: CKernelsLikelihood {
    switch self {
    case .normal: CKERNELS_NORMAL
    case .normalPerRow: CKERNELS_NORMAL_PER_ROW
    case .bernoulli: CKERNELS_BERNOULLI
    case .categorical: CKERNELS_CATEGORICAL
    }
  }
}
