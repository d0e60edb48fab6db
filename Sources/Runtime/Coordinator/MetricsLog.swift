import Foundation
import Scheduling
import Store

/// The figures of running tasks as they came, one JSON line each, in `run/metrics.jsonl` of a job.
///
/// People and plots read it. It is no result: it has clock times, and a crash may lose its last lines.
enum MetricsLog {
  private struct Line: Encodable {
    let time: Date
    let task: String
    let phase: String
    let done: Int
    let total: Int
    let rate: Double
    let figures: [String: Double]
  }

  /// Adds a line.
  static func append(_ progress: TaskProgress, of task: String, to folder: JobFolder) throws(StoreError) {
    let figures = progress.figures.filter(\.value.isFinite).map { ($0.name, $0.value) }
    let line = Line(
      time: Date(), task: task, phase: progress.phase, done: progress.done, total: progress.total,
      rate: progress.rate.isFinite ? progress.rate : 0, figures: Dictionary(figures) { $1 })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    guard let json = try? encoder.encode(line) else { return }
    try folder.append(Array(json) + [UInt8(ascii: "\n")], to: "run/metrics.jsonl")
  }
}
