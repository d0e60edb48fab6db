import Specification
import Tensors

extension TrainingConfiguration.Augmentation {
  /// Whether it changes anything.
  public var isIdle: Bool { crop == 0 && !mirror }

  /// Pictures [n, channels, height, width] as a step sees them: each cut at its own place out of itself with zeros around, and
  /// perhaps mirrored. Which is which depends on the key and the picture's place in the batch.
  public func callAsFunction(_ pictures: Tensor, key: RandomKey) throws -> Tensor {
    guard !isIdle, pictures.shape.count == 4 else { return pictures }
    let (height, width) = (pictures.shape[2], pictures.shape[3])
    let wide = crop > 0 ? try pictures.padded([crop, crop, crop, crop]) : pictures
    let seen = try (0..<pictures.shape[0]).map { place in
      let numbers = key.folding(in: UInt64(place)).uniforms(count: 3)
      let (top, left) = (Int(numbers[0] * Double(2 * crop + 1)), Int(numbers[1] * Double(2 * crop + 1)))
      let part = try wide.narrowed(start: place, length: 1).narrowed(dimension: 2, start: top, length: height)
        .narrowed(dimension: 3, start: left, length: width)
      return mirror && numbers[2] < 0.5 ? try part.flipped([3]) : part
    }
    return try Tensor.concatenated(seen, along: 0)
  }
}
