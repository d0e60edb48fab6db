import Foundation
import Runtime

/// A job in a few aligned lines.
enum JobView {
  /// One line for the job, then one a task.
  static func lines(of status: JobStatus) -> [String] {
    let groups = status.groups.map { "\($0.name) \($0.completed)/\($0.total)" }.joined(separator: ", ")
    let title = "\(status.summary.name): \(status.summary.state), \(groups)"
    let rows = status.tasks.map(row)
    let waiting = status.waitsFor.map { ["  waits for \($0); none is connected"] } ?? []
    guard !rows.isEmpty else { return [title] + waiting }
    let table = Table(
      ["task", "phase", "done", "rate", "left", "figures", "worker"], rows.map { $0 }, numeric: [2, 3, 4])
    return [title] + waiting + table.text.split(separator: "\n").map { "  \($0)" }
  }

  private static func row(_ task: TaskStatus) -> [String] {
    let name = "\(task.group) \(task.index)"
    guard let progress = task.progress, let worker = task.worker else {
      return [name, task.state, "", "", "", task.failure.map(shortened) ?? "", task.worker ?? ""]
    }
    let figures = progress.figures.map { "\($0.name) \(number($0.value))" }.joined(separator: "  ")
    return [
      name, progress.phase, "\(progress.done)/\(progress.total)", "\(number(progress.rate))/s", left(progress), figures,
      worker,
    ]
  }

  private static func left(_ progress: TaskProgress) -> String {
    guard progress.rate > 0, progress.total > progress.done else { return "" }
    return duration(Double(progress.total - progress.done) / progress.rate)
  }

  /// Seconds as people say them: `8s`, `2m05s`, `3h10m`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    switch whole {
    case ..<60: return "\(whole)s"
    case ..<3600: return "\(whole / 60)m" + String(format: "%02ds", whole % 60)
    default: return "\(whole / 3600)h" + String(format: "%02dm", whole % 3600 / 60)
    }
  }

  /// Three significant digits; whole numbers as they are.
  static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : String(format: "%.3g", value)
  }

  private static func shortened(_ text: String) -> String {
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return line.count <= 100 ? line : line.prefix(99) + "…"
  }
}
