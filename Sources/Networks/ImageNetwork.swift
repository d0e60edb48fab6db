import Tensors

/// A network from a noisy image to a prediction, whatever it is made of.
public protocol ImageNetwork {
  /// The parameters in the order of the layers.
  var parameterShapes: [ParameterShape] { get }

  /// Parameters that are drawn once and never trained.
  var fixedParameters: Set<String> { get }

  /// The network's output [n, channels, height, width] for a sample of that height and width.
  /// - Parameters:
  ///   - timestep: [n].
  ///   - classLabels: [n] classes, or the noise level of the image on the further channels.
  ///   - text: [n, tokens, width].
  ///   - textMask: [n, tokens], true (or 1) for tokens that count.
  func callAsFunction(
    _ sample: Tensor, timestep: Tensor, classLabels: Tensor?, text: Tensor?, textMask: Tensor?,
    parameters: ParameterSet
  ) throws -> Tensor

  /// The network and its weights as a folder for diffusers.
  /// - Throws: `NetworkError` saying why diffusers has no such network.
  func modelFolder(_ parameters: ParameterSet) throws(NetworkError) -> ModelFolder
}

extension UNet: ImageNetwork {
  public func modelFolder(_ parameters: ParameterSet) throws(NetworkError) -> ModelFolder {
    ModelFolder(configuration, parameters)
  }
}
