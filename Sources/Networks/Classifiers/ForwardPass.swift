import Tensors

/// How inputs go through a network, and what is seen on the way.
///
/// A training step runs with the batch's statistics and makes the running ones follow; a prediction runs with those:
///
///     let pass = ForwardPass(normalization: .batch, dropout: step.purpose("dropout"))
///     let logits = try network(pictures, parameters: parameters.tracked(), pass: pass)
///     …
///     try pass.update(statistics)
///
/// A pass belongs to one run; a later run of the same network through it adds to what is seen.
public final class ForwardPass {
  /// Which statistics batch norms use.
  public enum Normalization {
    /// The batch's own.
    case batch
    /// Those of a set, by their names in the network.
    case stored(ParameterSet)
  }

  /// A linear layer or a convolution that was run.
  public struct Layer {
    /// What the layer does with its input.
    public enum Kind: Equatable, Sendable {
      /// [batch, inputs] to [batch, outputs].
      case linear
      /// [batch, channels, height, width] to the same; `padding` zeros stand on each side.
      case convolution(kernel: Int, stride: Int, padding: Int)
    }

    /// Path of its parameters, without `.weight` and `.bias`.
    public let name: String
    /// What it does.
    public let kind: Kind
    /// What went in.
    public let input: Tensor
    /// What came out, before any norm or activation; the rest of the pass is computed from this very tensor, so that
    /// `gradient(of:withRespectTo:)` can differentiate with respect to it.
    public let output: Tensor

    /// Records a layer of a network that is no `FeedForwardNetwork`.
    public init(name: String, kind: Kind, input: Tensor, output: Tensor) {
      (self.name, self.kind, self.input, self.output) = (name, kind, input, output)
    }
  }

  /// Which statistics batch norms use.
  public let normalization: Normalization
  /// The linear layers and convolutions in the order in which they were run, if they are recorded.
  public private(set) var layers: [Layer] = []
  /// Whether layers are recorded.
  public let records: Bool
  private let dropout: RandomKey?
  private var seen: [(String, Tensor)] = []

  /// Makes a pass.
  /// - Parameters:
  ///   - dropout: the key of what is dropped, of which each dropout takes the child with its block's name; nil drops nothing.
  ///   - records: whether `layers` are kept.
  public init(normalization: Normalization, dropout: RandomKey? = nil, records: Bool = false) {
    (self.normalization, self.dropout, self.records) = (normalization, dropout, records)
  }

  /// The batch's statistics, which no gradient goes through, by the names of the running ones: means and unbiased variances;
  /// empty with stored ones.
  public var statistics: ParameterSet { ParameterSet(seen) }

  /// Moves running statistics, by their names, towards the batch's by a share; written into their tensors. PyTorch's share,
  /// which it calls momentum, is 0.1.
  /// - Throws: `NetworkError` if one is missing.
  public func update(_ running: ParameterSet, by share: Double = 0.1) throws {
    let targets = try seen.map { try running.tensor($0.0) }
    try blend(targets, towards: seen.map(\.1), by: share)
  }

  /// A layer's output, which is kept if layers are recorded.
  func run(_ layer: Linear, _ name: String, _ x: Tensor, _ parameters: ParameterSet) throws -> Tensor {
    let output = try layer(x, parameters.scope(name))
    if records { layers.append(Layer(name: name, kind: .linear, input: x, output: output)) }
    return output
  }

  /// A layer's output, which is kept if layers are recorded.
  func run(_ layer: Convolution, _ name: String, _ x: Tensor, _ parameters: ParameterSet) throws -> Tensor {
    let output = try layer(x, parameters.scope(name))
    if records {
      let kind = Layer.Kind.convolution(kernel: layer.kernel, stride: layer.stride, padding: layer.zeros)
      layers.append(Layer(name: name, kind: kind, input: x, output: output))
    }
    return output
  }

  /// The batch norm of that name.
  func normalize(_ x: Tensor, _ name: String, _ parameters: ParameterSet) throws -> Tensor {
    let (weight, bias) = (try parameters.tensor("\(name).weight"), try parameters.tensor("\(name).bias"))
    switch normalization {
    case .batch:
      let (output, mean, variance) = try x.batchNormalized(weight: weight, bias: bias)
      seen += [("\(name).running_mean", mean), ("\(name).running_var", variance)]
      return output
    case .stored(let running):
      return try x.normalized(
        mean: running.tensor("\(name).running_mean"), variance: running.tensor("\(name).running_var"), weight: weight,
        bias: bias)
    }
  }

  /// What is left of a block's input.
  func drop(_ x: Tensor, probability: Double, block: String) throws -> Tensor {
    guard let dropout else { return x }
    return try x.dropped(probability: probability, key: dropout.purpose(block))
  }
}
