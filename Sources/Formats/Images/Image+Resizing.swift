extension Image {
  /// The picture in another size: area averages where it shrinks, bilinear interpolation where it grows, each direction
  /// for itself. Samples are averaged as they are stored; a sample is rounded once, at the end.
  ///
  /// Throws `FormatError.Code.unsupported` if the size is none.
  public func resized(width newWidth: Int, height newHeight: Int) throws(FormatError) -> Image {
    guard newWidth > 0, newHeight > 0, newWidth <= Self.pixelsMax / newHeight else {
      throw FormatError(.unsupported, "a picture cannot be made \(newWidth) by \(newHeight) pixels large")
    }
    guard newWidth != width || newHeight != height else { return self }
    let columns = (0..<newWidth).map { Taps(output: $0, of: newWidth, from: width) }
    let rows = (0..<newHeight).map { Taps(output: $0, of: newHeight, from: height) }
    let narrowed = horizontally(columns)
    var result = [UInt8](repeating: 0, count: newWidth * newHeight * channels)
    let stride = newWidth * channels
    for (row, taps) in rows.enumerated() {
      for sample in 0..<stride {
        var sum: Float = 0
        for (offset, weight) in taps.weights.enumerated() {
          sum += weight * narrowed[(taps.start + offset) * stride + sample]
        }
        result[row * stride + sample] = UInt8(min(max(sum.rounded(), 0), 255))
      }
    }
    return Image(trustedWidth: newWidth, height: newHeight, channels: channels, pixels: result)
  }

  /// Every row in a new width, not rounded.
  private func horizontally(_ columns: [Taps]) -> [Float] {
    var result = [Float](repeating: 0, count: height * columns.count * channels)
    var at = 0
    for row in 0..<height {
      for taps in columns {
        for channel in 0..<channels {
          let start = (row * width + taps.start) * channels + channel
          var sum: Float = 0
          for (offset, weight) in taps.weights.enumerated() {
            sum += weight * Float(pixels[start + offset * channels])
          }
          result[at] = sum
          at += 1
        }
      }
    }
    return result
  }

  /// The picture with each pixel repeated in a square of this side.
  func enlarged(by factor: Int) -> Image {
    guard factor > 1 else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count * factor * factor)
    for row in 0..<height {
      let line = (0..<width).flatMap { column in
        let at = (row * width + column) * channels
        return repeatElement(pixels[at..<at + channels], count: factor).joined()
      }
      for _ in 0..<factor { result += line }
    }
    return Image(trustedWidth: width * factor, height: height * factor, channels: channels, pixels: result)
  }
}

/// Which inputs make one output of a resized line, and by how much.
private struct Taps {
  let start: Int
  let weights: [Float]

  init(output: Int, of outputs: Int, from inputs: Int) {
    let scale = Double(inputs) / Double(outputs)
    if outputs < inputs {
      // The part of each input that the output's interval covers.
      let (low, high) = (Double(output) * scale, Double(output + 1) * scale)
      let last = min(Int(high.rounded(.up)), inputs) - 1
      start = min(Int(low), last)
      weights = (start...last).map { Float((min(high, Double($0 + 1)) - max(low, Double($0))) / scale) }
    } else {
      // Centres of pixels lie at half numbers.
      let centre = min(max((Double(output) + 0.5) * scale - 0.5, 0), Double(inputs - 1))
      start = min(Int(centre), inputs - 1)
      let weight = Float(centre - Double(start))
      weights = weight > 0 && start + 1 < inputs ? [1 - weight, weight] : [1]
    }
  }
}
