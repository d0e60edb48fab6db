import Formats
import Runtime
import Training

/// Figures of a member's training: a line of JSON for each epoch.
struct MemberMetrics {
  /// All lines so far.
  private(set) var lines: [UInt8] = []
  /// Sums since the last line: losses, norms of gradients, steps; and the last rate.
  private var sums = [0.0, 0, 0, 0]
  /// Figures of the last line.
  private var last: [TaskProgress.Figure] = []

  /// Figures since the last line, or of that one, for people.
  var figures: [TaskProgress.Figure] {
    sums[2] > 0 ? [.init("loss", sums[0] / sums[2]), .init("gradient", sums[1] / sums[2])] : last
  }

  mutating func add(_ info: MemberTraining.Info) {
    sums = [sums[0] + info.loss, sums[1] + info.gradientNorm, sums[2] + 1, info.rate]
  }

  mutating func endEpoch(_ epoch: Int, step: Int, validation: (loss: Double, accuracy: Double?)?) {
    let steps = max(sums[2], 1)
    last = self.figures
    var figures: [(String, Double)] = [
      ("loss", sums[0] / steps), ("gradientNorm", sums[1] / steps), ("rate", sums[3]),
    ]
    if let validation { figures.append(("validationLoss", validation.loss)) }
    if let accuracy = validation?.accuracy { figures.append(("validationAccuracy", accuracy)) }
    let text = figures.map { ", \"\($0.0)\": \(TrainingMetrics.text($0.1))" }.joined()
    lines += Array("{\"epoch\": \(epoch), \"step\": \(step)\(text)}\n".utf8)
    sums = [0, 0, 0, 0]
  }

  /// Adds the figures to a checkpoint.
  func store(in file: inout Safetensors) throws(FormatError) {
    file["metrics.lines"] = try Safetensors.Tensor(dtype: .uint8, shape: [lines.count], bytes: lines)
    file["metrics.sums"] = try Safetensors.Tensor(sums)
  }

  /// Takes up the figures of a checkpoint.
  mutating func restore(from file: Safetensors) throws(FormatError) {
    let stored = try file.tensor("metrics.sums").doubles()
    guard stored.count == sums.count else {
      throw FormatError(.safetensors, "the figures of the checkpoint are not what this version writes")
    }
    (sums, lines) = (stored, try file.tensor("metrics.lines").bytes)
  }
}
