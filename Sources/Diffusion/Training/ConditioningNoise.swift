import Foundation
import Specification
import Tensors

extension ConditioningNoiseConfiguration {
  /// A level's noise: α = cos(π/2 s), σ = sin(π/2 s). Level 0 is the plain image, level 1 nothing but noise.
  public static func level(_ s: Double) -> NoiseLevel {
    s <= 0 ? .clean : NoiseLevel(alpha: cos(.pi / 2 * s), sigma: sin(.pi / 2 * s), time: 1000 * s)
  }

  /// Low-resolution images [n, ..] with noise of a level drawn for each sample, and the levels.
  /// - Parameter key: of this batch; sample i uses its children i alone.
  public func trainingInput(_ images: Tensor, key: RandomKey) throws -> ConditioningInput {
    let keys = (0..<(images.shape.first ?? 0)).map { key.folding(in: UInt64($0)).purpose("conditioning") }
    let levels = keys.map { key in
      training.lowerBound + key.purpose("level").uniform() * (training.upperBound - training.lowerBound)
    }
    return try noisy(images, levels: levels, keys: keys)
  }

  /// Low-resolution images [n, ..] with the noise of sampling.
  /// - Parameters:
  ///   - key: of the sampling task.
  ///   - numbers: a number for each image; image and key alone decide its noise.
  ///   - level: another level than the configured one.
  public func samplingInput(
    _ images: Tensor, key: RandomKey, numbers: [UInt64], level: Double? = nil
  ) throws -> ConditioningInput {
    let keys = numbers.map { key.folding(in: $0).purpose("conditioning") }
    try require(keys.count == images.shape.first, "as many numbers are needed as images")
    return try noisy(images, levels: keys.map { _ in level ?? sampling }, keys: keys)
  }

  private func noisy(_ images: Tensor, levels: [Double], keys: [RandomKey]) throws -> ConditioningInput {
    let (type, one) = (try images.type, [1] + images.shape.dropFirst())
    let parts = try keys.map { key throws(TensorError) in
      try Tensor.normals(key: key.purpose("noise"), shape: one, type: type)
    }
    let tensors = try LevelTensors(levels.map(Self.level), like: images)
    return ConditioningInput(
      images: try tensors.alpha * images + tensors.sigma * .concatenated(parts, along: 0),
      levels: try Tensor(levels.map(Float.init)))
  }
}

/// What a super-resolution stage sees of the stage before.
public struct ConditioningInput {
  /// The images with noise, [n, ..].
  public let images: Tensor
  /// The level s of each, float32 [n], in 0...1: what the network is told.
  public let levels: Tensor
}
