import Networks
import Tensors

/// A small network that says how well a picture and a caption fit: convolutions on one side, a linear map of the text encoder's
/// pooled states on the other, both to unit length; their product times a learnt factor is the score.
///
/// Trained on pairs so that each picture scores highest with its own caption among those of the batch and the other way round
/// (Radford et al. 2021, figure 3).
public struct RetrievalProbe: Equatable, Sendable {
  /// Samples of a pixel.
  public let channels: Int
  /// Pixels in a row, and rows.
  public let resolution: Int
  /// Numbers of a text's pooled state.
  public let textWidth: Int
  /// Numbers in which pictures and texts meet.
  public let width: Int
  private let trunk: PictureTrunk

  /// Describes a probe.
  public init(channels: Int, resolution: Int, textWidth: Int, width: Int = 64) {
    (self.channels, self.resolution, self.textWidth, self.width) = (channels, resolution, textWidth, width)
    trunk = PictureTrunk(channels: channels, resolution: resolution, outputs: width)
  }

  /// The parameters. The factor of scores begins at 1 / 0.07.
  public var parameterShapes: [ParameterShape] {
    trunk.parameterShapes + [
      ParameterShape("text.weight", [width, textWidth], .uniform(bound: 1 / Double(textWidth).squareRoot())),
      ParameterShape("scale", [1], .zeros),
    ]
  }

  /// Unit vectors `[n, width]` of pictures `[n, channels, resolution, resolution]` from −1 to 1.
  public func images(_ images: Tensor, parameters: ParameterSet) throws -> Tensor {
    try trunk(images, parameters: parameters).unitLength()
  }

  /// Unit vectors `[n, width]` of pooled texts `[n, textWidth]`.
  public func texts(_ pooled: Tensor, parameters: ParameterSet) throws -> Tensor {
    try pooled.unitLength().linear(weight: parameters.tensor("text.weight")).unitLength()
  }

  /// Mean cross entropy of finding the caption of each picture and the picture of each caption in a batch: a scalar.
  public func loss(images: Tensor, texts: Tensor, parameters: ParameterSet) throws -> Tensor {
    let (a, b) = (try self.images(images, parameters: parameters), try self.texts(texts, parameters: parameters))
    let factor = try (parameters.tensor("scale") + Self.initialLogarithm).clamped(to: Self.largestLogarithm).exp()
    let scores = try a.matmul(b.transposed()) * factor
    let byImage = try scores.logSoftmax(along: 1).diagonal().mean()
    let byText = try scores.logSoftmax(along: 0).diagonal().mean()
    return try (byImage + byText) * -0.5
  }

  // ln (1 / 0.07) and ln 100, the limits of the paper.
  private static let initialLogarithm = 2.6593
  private static let largestLogarithm = 4.6052

  /// A training that has not begun; all its randomness is the key's.
  public func training(key: RandomKey) throws -> AdamTraining { try AdamTraining(parameterShapes, key: key) }
}

/// Share of pictures for which the right caption has the highest score among so many: chance is `1 / candidates`.
///
/// The other candidates are drawn without repetition, by the key, from the captions that are not the right one.
/// - Parameters:
///   - images: unit vectors of pictures, `[n, width]`.
///   - texts: unit vectors of different captions, `[captions, width]`.
///   - right: the caption of each picture.
/// - Throws: `MetricError` for fewer captions than candidates, or a caption that does not exist.
public func retrievalAccuracy(
  images: Tensor, texts: Tensor, right: [Int], candidates: Int = 100, key: RandomKey
) throws -> Double {
  let captions = texts.shape[0]
  guard candidates > 1, captions >= candidates, images.shape[0] == right.count, !right.isEmpty,
    right.allSatisfy({ (0..<captions).contains($0) })
  else {
    let found = "\(right.count) pictures and \(captions) different captions"
    throw MetricError(
      .features, "\(found): retrieval among \(candidates) needs as many captions, and one for each picture")
  }
  let scores = try images.matmul(texts.transposed()).converted(to: .float64).array(of: Double.self)
  var wins = 0
  for (row, own) in right.enumerated() {
    let draws = key.folding(in: UInt64(row)).uniforms(count: captions)
    let others = (0..<captions).filter { $0 != own }.sorted { (draws[$0], $0) < (draws[$1], $1) }.prefix(candidates - 1)
    let score = { (caption: Int) in scores[row * captions + caption] }
    if others.allSatisfy({ score($0) < score(own) }) { wins += 1 }
  }
  return Double(wins) / Double(right.count)
}
