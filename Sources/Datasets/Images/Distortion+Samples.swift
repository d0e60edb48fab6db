import Foundation
import Specification

extension Distortion {
  /// A picture as it looks in the other domain.
  /// - Parameters:
  ///   - samples: [height, width, channels].
  ///   - normals: So many standard normal numbers, always the same for the same picture.
  public func callAsFunction(
    _ samples: [UInt8], width: Int, height: Int, channels: Int, normals: (Int) -> [Double]
  ) -> [UInt8] {
    var values = samples.map { Double($0) / 255 }
    if rotation != 0 { values = turned(values, width: width, height: height, channels: channels) }
    if contrast != 1 { pale(&values, channels: channels) }
    if noise > 0 { for (place, z) in normals(values.count).enumerated() { values[place] += noise * z } }
    return values.map { UInt8((min(max($0, 0), 1) * 255).rounded()) }
  }

  /// The picture turned about its middle. Samples are interpolated linearly; beyond the border they are those of the border.
  private func turned(_ values: [Double], width: Int, height: Int, channels: Int) -> [Double] {
    let (sine, cosine) = (sin(rotation * .pi / 180), cos(rotation * .pi / 180))
    let middle = (x: Double(width - 1) / 2, y: Double(height - 1) / 2)
    var turned = [Double](repeating: 0, count: values.count)
    for row in 0..<height {
      for column in 0..<width {
        let (x, y) = (Double(column) - middle.x, Double(row) - middle.y)
        let sourceX = min(max(x * cosine - y * sine + middle.x, 0), Double(width - 1))
        let sourceY = min(max(x * sine + y * cosine + middle.y, 0), Double(height - 1))
        let (left, top) = (Int(sourceX), Int(sourceY))
        let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
        let (shareX, shareY) = (sourceX - Double(left), sourceY - Double(top))
        for channel in 0..<channels {
          let sample = { (row: Int, column: Int) in values[(row * width + column) * channels + channel] }
          let above = sample(top, left) * (1 - shareX) + sample(top, right) * shareX
          let below = sample(bottom, left) * (1 - shareX) + sample(bottom, right) * shareX
          turned[(row * width + column) * channels + channel] = above * (1 - shareY) + below * shareY
        }
      }
    }
    return turned
  }

  /// Brings the samples of each channel nearer to their mean.
  private func pale(_ values: inout [Double], channels: Int) {
    for channel in 0..<channels {
      let places = stride(from: channel, to: values.count, by: channels)
      let mean = places.reduce(0) { $0 + values[$1] } / Double(max(values.count / channels, 1))
      for place in places { values[place] = (values[place] - mean) * contrast + mean }
    }
  }
}
