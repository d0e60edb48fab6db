import Foundation
import Tensors

/// Sines and cosines that tell the pixels of a grid apart [height · width, 4 n], rows of the image first: n sines and n cosines
/// of the column, then of the row, at the frequencies 10000^(−i / n) (Dosovitskiy et al. 2021; Peebles & Xie 2023).
package func gridPositionEncoding(height: Int, width: Int, frequencies: Int) throws(TensorError) -> Tensor {
  let rates = (0..<frequencies).map { pow(10_000, -Double($0) / Double(frequencies)) }
  let values = (0..<height).flatMap { row in
    (0..<width).flatMap { column in
      [column, row].flatMap { place in
        rates.map { sin(Double(place) * $0) } + rates.map { cos(Double(place) * $0) }
      }
    }
  }
  return try Tensor(values, shape: [height * width, 4 * frequencies]).converted(to: .float32)
}
