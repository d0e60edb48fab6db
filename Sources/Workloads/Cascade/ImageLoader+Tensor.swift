import Datasets
import ImageMetrics
import Tensors

extension ImageLoader {
  /// Pictures of the set as [n, channels, height, width] in −1…1.
  func tensor(_ indices: [Int]) throws -> Tensor {
    try Tensor.pictures(try batch(indices), height: height, width: width, channels: images.channels)
  }
}
