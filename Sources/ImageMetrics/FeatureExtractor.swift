import Tensors

/// A network that describes pictures by numbers.
public protocol FeatureExtractor {
  /// Features `[n, d]` of pictures `[n, channels, height, width]` with samples from −1 to 1, and what it thinks of their classes.
  func describe(_ images: Tensor) throws -> Description
}

/// What a feature network says of pictures.
public struct Description {
  /// Features, `[n, d]`.
  public let features: Tensor
  /// Probabilities of classes, `[n, classes]`; nil of a network without classes.
  public let probabilities: Tensor?

  /// Gathers features and probabilities.
  public init(features: Tensor, probabilities: Tensor?) {
    self.features = features
    self.probabilities = probabilities
  }
}

extension FeatureExtractor {
  /// Describes many pictures, batch by batch.
  /// - Parameter batch: gives the pictures of a range, `[range.count, channels, height, width]`.
  public func describe(
    count: Int, batchSize: Int = 256, _ batch: (Range<Int>) throws -> Tensor
  ) throws -> Description {
    guard count > 0 else { throw MetricError(.features, "there are no pictures to describe") }
    let parts = try stride(from: 0, to: count, by: max(batchSize, 1)).map { start in
      try withoutGradient { try describe(batch(start..<min(start + max(batchSize, 1), count))) }
    }
    let probabilities = parts.compactMap(\.probabilities)
    return Description(
      features: try Tensor.concatenated(parts.map(\.features), along: 0),
      probabilities: probabilities.count == parts.count ? try Tensor.concatenated(probabilities, along: 0) : nil)
  }
}

extension Tensor {
  /// Pictures of 8-bit samples as float32 `[n, channels, height, width]` from −1 to 1.
  /// - Parameter samples: `[n, height, width, channels]` in C order.
  /// - Throws: `TensorError` if the samples do not make whole pictures.
  public static func pictures(
    _ samples: [UInt8], height: Int, width: Int, channels: Int
  ) throws(TensorError) -> Tensor {
    let pixels = try Tensor(samples, shape: [samples.count]).reshaped(to: [-1, height, width, channels])
    return try pixels.converted(to: .float32).permuted([0, 3, 1, 2]) * (2 / 255) - 1
  }

  /// 8-bit samples `[n, height, width, channels]` in C order of pictures `[n, channels, height, width]` from −1 to 1; what lies
  /// outside is cut.
  public func pictureSamples() throws(TensorError) -> [UInt8] {
    let scaled = try (clamped(from: -1, to: 1) + 1) * 127.5 + 0.5
    return try scaled.permuted([0, 2, 3, 1]).contiguous().floor().converted(to: .uint8).array(of: UInt8.self)
  }
}
