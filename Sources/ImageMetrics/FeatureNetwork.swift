import Networks
import Tensors

/// A small classifier whose last hidden layer describes pictures: a feature network for data sets that Inception's weights
/// know nothing of. It is trained on the same data by `training(key:)`.
public struct FeatureNetwork: Equatable, Sendable {
  /// Samples of a pixel.
  public let channels: Int
  /// Pixels in a row, and rows.
  public let resolution: Int
  /// Classes it tells apart.
  public let classes: Int
  /// Numbers that describe a picture.
  public let featureWidth: Int
  private let trunk: PictureTrunk

  /// Describes a network.
  public init(channels: Int, resolution: Int, classes: Int, featureWidth: Int = 64) {
    (self.channels, self.resolution, self.classes, self.featureWidth) = (channels, resolution, classes, featureWidth)
    trunk = PictureTrunk(channels: channels, resolution: resolution, outputs: featureWidth)
  }

  /// The parameters.
  public var parameterShapes: [ParameterShape] {
    trunk.parameterShapes + [
      ParameterShape(
        "classes.weight", [classes, featureWidth], .uniform(bound: 1 / Double(featureWidth).squareRoot())),
      ParameterShape("classes.bias", [classes], .zeros),
    ]
  }

  /// Features `[n, featureWidth]` and class scores `[n, classes]` of pictures `[n, channels, resolution, resolution]`.
  public func callAsFunction(
    _ images: Tensor, parameters: ParameterSet
  ) throws -> (features: Tensor, scores: Tensor) {
    let features = try trunk(images, parameters: parameters).relu()
    let scores = try features.linear(
      weight: parameters.tensor("classes.weight"), bias: parameters.tensor("classes.bias"))
    return (features, scores)
  }

  /// The cross entropy of pictures `[n, …]` with their classes, int64 `[n]`: a scalar.
  public func loss(images: Tensor, labels: Tensor, parameters: ParameterSet) throws -> Tensor {
    let logarithms = try self(images, parameters: parameters).scores.logSoftmax(along: 1)
    return try -logarithms.gathered(along: 1, index: labels.reshaped(to: [-1, 1])).mean()
  }

  /// A training that has not begun; all its randomness is the key's.
  public func training(key: RandomKey) throws -> AdamTraining { try AdamTraining(parameterShapes, key: key) }

  /// The network with weights, as what metrics need.
  public func extractor(parameters: ParameterSet) -> any FeatureExtractor {
    TrainedNetwork(network: self, parameters: parameters)
  }

  /// Share of pictures whose class has the largest score.
  public func accuracy(images: Tensor, labels: [Int], parameters: ParameterSet) throws -> Double {
    let guesses = try withoutGradient { try self(images, parameters: parameters).scores.indexOfMaximum(along: 1) }
    let right = zip(try guesses.array(of: Int64.self), labels).count { $0 == Int64($1) }
    return Double(right) / Double(max(labels.count, 1))
  }
}

private struct TrainedNetwork: FeatureExtractor {
  let network: FeatureNetwork
  let parameters: ParameterSet

  func describe(_ images: Tensor) throws -> Description {
    let (features, scores) = try network(images, parameters: parameters)
    return Description(features: features, probabilities: try scores.softmax(along: 1))
  }
}
