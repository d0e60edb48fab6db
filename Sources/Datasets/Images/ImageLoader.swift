import Formats

/// Pictures of one size, each decoded and resized once while memory for it lasts. Used by one thread.
public final class ImageLoader {
  /// The pictures.
  public let images: ImageSet
  /// Pixels in a row.
  public let width: Int
  /// Number of rows.
  public let height: Int
  private let change: ((_ index: Int, _ samples: [UInt8]) -> [UInt8])?
  private let cacheBytesMax: Int
  private var cacheBytes = 0
  private var cache: [[UInt8]?]

  /// Makes a loader that keeps so many bytes of pictures.
  /// - Parameter change: What becomes of the samples of a picture, by its number in the set.
  public init(
    _ images: ImageSet, width: Int, height: Int, cacheBytesMax: Int = 1 << 30,
    change: ((_ index: Int, _ samples: [UInt8]) -> [UInt8])? = nil
  ) {
    (self.images, self.width, self.height) = (images, width, height)
    (self.change, self.cacheBytesMax) = (change, cacheBytesMax)
    cache = Array(repeating: nil, count: images.count)
  }

  /// Samples of a picture, `[height, width, channels]`.
  ///
  /// Throws `DatasetError.Code.image` for a picture that cannot be read.
  public func pixels(at index: Int) throws(DatasetError) -> [UInt8] {
    if let pixels = cache[index] { return pixels }
    let plain = try images.image(at: index, width: width, height: height).pixels
    let pixels = change?(index, plain) ?? plain
    if cacheBytes + pixels.count <= cacheBytesMax {
      cache[index] = pixels
      cacheBytes += pixels.count
    }
    return pixels
  }

  /// Samples of several pictures, `[indices.count, height, width, channels]`.
  ///
  /// Throws `DatasetError.Code.image` for a picture that cannot be read.
  public func batch(_ indices: [Int]) throws(DatasetError) -> [UInt8] {
    var samples: [UInt8] = []
    samples.reserveCapacity(indices.count * width * height * images.channels)
    for index in indices { samples += try pixels(at: index) }
    return samples
  }
}
