import Formats
import Foundation
import Training

/// Figures of a training, gathered over some steps at a time: a line of JSON for each.
struct TrainingMetrics {
  /// All lines so far.
  private(set) var lines: [UInt8] = []
  private let every: Int
  /// Sums since the last line: losses, pictures, gradient norms, steps, then loss and pictures of each band of noise.
  private var sums: [Double]
  private var last = (loss: 0.0, norm: 0.0)

  /// Upper ends of the bands of noise, as σ / α; the last has none.
  private static let bands = [0.1, 0.3, 1, 3, 10]
  private static let names = ["<0.1", "0.1-0.3", "0.3-1", "1-3", "3-10", ">10"]

  /// - Parameter every: Steps of a line.
  init(every: Int) {
    self.every = every
    sums = Array(repeating: 0, count: 4 + 2 * Self.names.count)
  }

  /// Mean loss of the last line, or of the steps since if there is none yet.
  var loss: Double { sums[1] > 0 && last.loss == 0 ? sums[0] / sums[1] : last.loss }

  /// Mean norm of the gradients likewise.
  var gradientNorm: Double { sums[3] > 0 && last.norm == 0 ? sums[2] / sums[3] : last.norm }

  /// Adds a step.
  /// - Parameters:
  ///   - losses: One for each picture.
  ///   - ratios: σ / α of each picture's noise.
  mutating func add(_ losses: [Double], ratios: [Double], _ info: Optimizer.Info, step: Int) {
    for (loss, ratio) in zip(losses, ratios) {
      let band = Self.bands.firstIndex { ratio < $0 } ?? Self.bands.count
      sums[0] += loss
      sums[1] += 1
      sums[4 + 2 * band] += loss
      sums[5 + 2 * band] += 1
    }
    sums[2] += info.gradientNorm
    sums[3] += 1
    guard step.isMultiple(of: every) else { return }
    last = (sums[0] / max(1, sums[1]), sums[2] / max(1, sums[3]))
    lines += Array((line(step, info.rate) + "\n").utf8)
    sums = sums.map { _ in 0 }
  }

  private func line(_ step: Int, _ rate: Double) -> String {
    let bands = Self.names.indices.compactMap { band -> String? in
      let (loss, count) = (sums[4 + 2 * band], sums[5 + 2 * band])
      return count > 0 ? "\"\(Self.names[band])\": \(Self.text(loss / count))" : nil
    }
    return """
      {"step": \(step), "loss": \(Self.text(last.loss)), "rate": \(Self.text(rate)), "gradientNorm": \
      \(Self.text(last.norm)), "lossByNoise": {\(bands.joined(separator: ", "))}}
      """
  }

  /// Six significant digits.
  static func text(_ number: Double) -> String { String(format: "%.6g", number) }

  /// Adds the figures to a checkpoint.
  func store(in file: inout Safetensors) throws(FormatError) {
    file["metrics.lines"] = try Safetensors.Tensor(dtype: .uint8, shape: [lines.count], bytes: lines)
    file["metrics.sums"] = try Safetensors.Tensor(sums + [last.loss, last.norm])
  }

  /// Takes up the figures of a checkpoint.
  mutating func restore(from file: Safetensors) throws(FormatError) {
    let stored = try file.tensor("metrics.sums").doubles()
    guard stored.count == sums.count + 2 else {
      throw FormatError(.safetensors, "the figures of the checkpoint are not what this version writes")
    }
    (sums, last) = (Array(stored.dropLast(2)), (stored[stored.count - 2], stored[stored.count - 1]))
    lines = try file.tensor("metrics.lines").bytes
  }
}
