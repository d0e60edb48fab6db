/// A picture of 8-bit samples.
public struct Image: Equatable, Sendable {
  /// Pixels in a row.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// Samples of a pixel: 1 is grey, 3 are red, green and blue, 4 have alpha, too.
  public let channels: Int
  /// Samples, `[height, width, channels]` in C order, from the upper left on.
  public var pixels: [UInt8]

  /// Pixels of the largest picture that is made or read: 64 Mi.
  public static let pixelsMax = 1 << 26

  /// Makes a picture of samples in C order.
  ///
  /// Throws `FormatError.Code.unsupported` if size, channels and number of samples do not fit.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(FormatError) {
    guard width > 0, height > 0, [1, 3, 4].contains(channels), width <= Self.pixelsMax, height <= Self.pixelsMax,
      width * height <= Self.pixelsMax
    else {
      throw FormatError(.unsupported, "there is no picture of \(width) by \(height) pixels with \(channels) channels")
    }
    guard pixels.count == width * height * channels else {
      let needed = "\(width) by \(height) pixels with \(channels) channels take \(width * height * channels) samples"
      throw FormatError(.unsupported, "\(needed), not \(pixels.count)")
    }
    self.init(trustedWidth: width, height: height, channels: channels, pixels: pixels)
  }

  /// For sizes that follow from those of a picture.
  init(trustedWidth width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// The picture in 1 or 3 channels, what is transparent laid over a background. Grey is ITU-R BT.601 luma.
  public func flattened(channels wanted: Int, background: UInt8 = 255) -> Image {
    guard channels != wanted else { return self }
    var result = [UInt8](repeating: 0, count: width * height * wanted)
    for pixel in 0..<width * height {
      let at = pixel * channels
      func sample(_ channel: Int) -> Int {
        let value = Int(pixels[at + (channels == 1 ? 0 : channel)])
        guard channels == 4 else { return value }
        let alpha = Int(pixels[at + 3])
        return (value * alpha + Int(background) * (255 - alpha) + 127) / 255
      }
      if wanted == 1 {
        result[pixel] = UInt8((299 * sample(0) + 587 * sample(1) + 114 * sample(2) + 500) / 1000)
      } else {
        for channel in 0..<3 { result[pixel * 3 + channel] = UInt8(sample(channel)) }
      }
    }
    return Image(trustedWidth: width, height: height, channels: wanted, pixels: result)
  }

  /// The middle part of a size no larger than the picture's.
  public func croppedToMiddle(width cropWidth: Int, height cropHeight: Int) -> Image {
    let (w, h) = (min(max(cropWidth, 1), width), min(max(cropHeight, 1), height))
    let (left, top) = ((width - w) / 2, (height - h) / 2)
    var result: [UInt8] = []
    result.reserveCapacity(w * h * channels)
    for row in top..<top + h {
      let start = (row * width + left) * channels
      result += pixels[start..<start + w * channels]
    }
    return Image(trustedWidth: w, height: h, channels: channels, pixels: result)
  }

  /// The picture in the middle of a larger one of one colour.
  public func padded(width paddedWidth: Int, height paddedHeight: Int, with sample: UInt8 = 255) -> Image {
    let (w, h) = (max(paddedWidth, width), max(paddedHeight, height))
    var canvas = Image(
      trustedWidth: w, height: h, channels: channels, pixels: [UInt8](repeating: sample, count: w * h * channels))
    canvas.draw(self, left: (w - width) / 2, top: (h - height) / 2)
    return canvas
  }

  /// Copies a picture of the same channels to a place inside this one; what lies outside is left out.
  mutating func draw(_ image: Image, left: Int, top: Int) {
    let count = min(image.width, width - left) * channels
    guard image.channels == channels, left >= 0, top >= 0, count > 0 else { return }
    for row in 0..<min(image.height, height - top) {
      let (from, to) = (row * image.width * channels, ((top + row) * width + left) * channels)
      pixels.replaceSubrange(to..<to + count, with: image.pixels[from..<from + count])
    }
  }
}
