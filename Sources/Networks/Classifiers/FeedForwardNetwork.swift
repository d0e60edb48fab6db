import Tensors

/// A network from inputs to outputs: blocks, one after the other.
///
/// Like the other networks it computes with the parameters it is given. Parts of it can be run alone: the blocks before the
/// last are its features, and several networks may share their first blocks.
public struct FeedForwardNetwork: Sendable {
  /// The blocks in their order; the last one is a linear layer, the head.
  public let blocks: [any Block]

  /// Makes a network of blocks of different names.
  public init(_ blocks: [any Block]) { self.blocks = blocks }

  /// The blocks before the head.
  public var features: Range<Int> { 0..<max(blocks.count - 1, 0) }

  /// The parameters in the order of the blocks, named as PyTorch's modules of such networks are.
  public var parameterShapes: [ParameterShape] { blocks.flatMap(\.parameterShapes) }

  /// The running statistics of batch norms in the order of the blocks, `bn1.running_mean` and so on; of each, its mean and
  /// its variance.
  public var statisticShapes: [ParameterShape] { blocks.flatMap(\.statisticShapes) }

  /// What comes out of some blocks, all by default, for what goes into the first of them.
  ///
  /// Pictures are [batch, channels, height, width], rows [batch, features]; the whole network's output is [batch, outputs].
  /// - Throws: `NetworkError` if a parameter or statistic is missing, `TensorError` if a shape does not fit.
  public func callAsFunction(
    _ x: Tensor, parameters: ParameterSet, pass: ForwardPass, blocks range: Range<Int>? = nil
  ) throws -> Tensor {
    var x = x
    for block in blocks[range ?? blocks.indices] { x = try block(x, parameters: parameters, pass: pass) }
    return x
  }
}

/// A part of a feed-forward network that is run as a whole.
public protocol Block: Sendable {
  /// The block's own name in its network.
  var name: String { get }
  /// Its parameters, by their names in the network.
  var parameterShapes: [ParameterShape] { get }
  /// Running statistics of its batch norms, by their names in the network.
  var statisticShapes: [ParameterShape] { get }
  /// The block's output.
  func callAsFunction(_ x: Tensor, parameters: ParameterSet, pass: ForwardPass) throws -> Tensor
}

extension Block {
  /// Nothing to learn.
  public var parameterShapes: [ParameterShape] { [] }
  /// No batch norm.
  public var statisticShapes: [ParameterShape] { [] }
}
