import Datasets
import Specification
import Tensors

/// The pictures that a stage trains on: what a step sees is a function of the stage's key and the step alone.
final class StageData {
  private let stage: StageSpecification
  private let indices: [Int]
  private let pictures: ImageSet
  private let high: ImageLoader
  private let low: ImageLoader?
  private let order: ShuffledOrder
  private let key: RandomKey

  /// Pictures of a step, with what they are conditioned on before any of it is left out.
  struct Batch {
    /// [n, channels, height, width] in −1…1.
    let pictures: Tensor
    /// The same as the stage before would have them, stretched to the same size.
    let low: Tensor?
    let captions: [String?]
    let labels: [Int?]
  }

  /// - Parameters:
  ///   - indices: The pictures to train on.
  ///   - lowResolution: Width and height of what the stage enlarges; nil if it does not.
  init(_ stage: StageSpecification, _ pictures: ImageSet, indices: [Int], lowResolution: Int?, key: RandomKey) {
    (self.stage, self.pictures, self.indices, self.key) = (stage, pictures, indices, key)
    high = ImageLoader(pictures, width: stage.resolution, height: stage.resolution)
    low = lowResolution.map { ImageLoader(pictures, width: $0, height: $0) }
    order = ShuffledOrder(count: indices.count, key: key.purpose("order").bits)
  }

  /// The batch of a step of training.
  func batch(step: Int) throws -> Batch {
    let positions = step * stage.batch..<(step + 1) * stage.batch
    let chosen = positions.map { indices[order.index(at: $0)] }
    let key = key.purpose("view").folding(in: UInt64(step))
    return try batch(chosen) { place in key.folding(in: UInt64(place)) }
  }

  /// Pictures as they are, for validation.
  func batch(of indices: [Int]) throws -> Batch { try batch(indices, view: nil) }

  private func batch(_ chosen: [Int], view: ((Int) -> RandomKey)?) throws -> Batch {
    var (large, small): ([Tensor], [Tensor]) = ([], [])
    for (place, index) in chosen.enumerated() {
      let view = View(stage, lowResolution: low?.width, key: view?(place))
      large.append(try view.seen(high.tensor([index]), scale: 1))
      if let low { small.append(try view.seen(low.tensor([index]), scale: stage.resolution / low.width)) }
    }
    let pictures = try Tensor.concatenated(large, along: 0)
    let size = (height: pictures.shape[2], width: pictures.shape[3])
    return Batch(
      pictures: pictures,
      low: small.isEmpty ? nil : try Tensor.concatenated(small, along: 0).resized(to: size, by: .bilinear),
      captions: chosen.map(self.pictures.caption), labels: chosen.map(self.pictures.label))
  }
}

/// Which part of a picture a step sees, and from which side.
private struct View {
  /// Where the part begins, in pixels of the full resolution.
  private let (left, top): (Int, Int)
  /// Width and height of the part; nil for the whole.
  private let crop: Int?
  private let isMirrored: Bool

  init(_ stage: StageSpecification, lowResolution: Int?, key: RandomKey?) {
    crop = key == nil ? nil : stage.crop
    isMirrored = stage.mirror && (key?.purpose("mirror").uniform() ?? 1) < 0.5
    guard let crop, let key else {
      (left, top) = (0, 0)
      return
    }
    // Whole pixels of the low resolution, so that both show the same part.
    let unit = stage.resolution / (lowResolution ?? stage.resolution)
    let places = Double((stage.resolution - crop) / unit + 1)
    left = Int(key.purpose("left").uniform() * places) * unit
    top = Int(key.purpose("top").uniform() * places) * unit
  }

  /// - Parameter scale: How much smaller the picture is than the full resolution.
  func seen(_ picture: Tensor, scale: Int) throws(TensorError) -> Tensor {
    var picture = picture
    if let crop {
      picture = try picture.narrowed(dimension: 2, start: top / scale, length: crop / scale)
        .narrowed(dimension: 3, start: left / scale, length: crop / scale)
    }
    return isMirrored ? try picture.flipped([3]) : picture
  }
}
