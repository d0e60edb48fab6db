import Networks
import Tensors

/// Convolutions that turn a picture into one vector, in the manner of LeNet (LeCun, Bottou, Bengio and Haffner 1998).
///
/// Each block is a 3×3 convolution, group norm, ReLU and, while the picture is at least 6 pixels wide, 2×2 maximum pooling;
/// a dense layer follows. Initial distribution: weights uniform within ±1/√inputs, biases 0.
struct PictureTrunk: Equatable, Sendable {
  let channels: Int
  let resolution: Int
  let outputs: Int
  private static let widths = [32, 64, 128]
  private static let groups = 8

  private var sizes: [Int] {
    Self.widths.reduce(into: [resolution]) { sizes, _ in
      let size = sizes[sizes.count - 1]
      sizes.append(size >= 6 ? size / 2 : size)
    }
  }

  var parameterShapes: [ParameterShape] {
    var shapes: [ParameterShape] = []
    for (index, (inputs, width)) in zip([channels] + Self.widths, Self.widths).enumerated() {
      shapes += [
        ParameterShape(
          "conv.\(index).weight", [width, inputs, 3, 3], .uniform(bound: 1 / Double(9 * inputs).squareRoot())),
        ParameterShape("conv.\(index).bias", [width], .zeros),
        ParameterShape("norm.\(index).weight", [width], .ones),
        ParameterShape("norm.\(index).bias", [width], .zeros),
      ]
    }
    let inputs = Self.widths[Self.widths.count - 1] * sizes[sizes.count - 1] * sizes[sizes.count - 1]
    return shapes + [
      ParameterShape("dense.weight", [outputs, inputs], .uniform(bound: 1 / Double(inputs).squareRoot())),
      ParameterShape("dense.bias", [outputs], .zeros),
    ]
  }

  /// Vectors `[n, outputs]` of pictures `[n, channels, resolution, resolution]`.
  func callAsFunction(_ images: Tensor, parameters: ParameterSet) throws -> Tensor {
    guard images.shape.count == 4, Array(images.shape.dropFirst()) == [channels, resolution, resolution] else {
      let wanted = "[n, \(channels), \(resolution), \(resolution)]"
      throw MetricError(.network, "the network takes pictures of shape \(wanted), not \(images.shape)")
    }
    var x = try images.channelsLast()
    for index in Self.widths.indices {
      let (conv, norm) = (parameters.scope("conv").scope(index), parameters.scope("norm").scope(index))
      x = try x.convolved(weight: conv.tensor("weight"), bias: conv.tensor("bias"), padding: 1)
      x = try x.groupNormalized(groups: Self.groups, weight: norm.tensor("weight"), bias: norm.tensor("bias")).relu()
      if sizes[index] >= 6 { x = try x.maximumPooled(size: 2) }
    }
    let dense = parameters.scope("dense")
    return try x.contiguous().reshaped(to: [images.shape[0], -1])
      .linear(weight: dense.tensor("weight"), bias: dense.tensor("bias"))
  }
}
