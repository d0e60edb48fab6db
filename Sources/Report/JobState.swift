import Formats
import Foundation
import Specification

/// How far a job is, as its folder tells.
struct JobState {
  let files: JobFiles
  let job: JobSpecification?
  let results: [any JobResults]

  private static let log = "run/metrics.jsonl"
  /// Tasks that are listed at most.
  private static let tasksMax = 40

  func part(_ notes: [Markup]) -> Part {
    let progress = results.flatMap(\.progress)
    let isComplete = !progress.isEmpty && progress.allSatisfy(\.isComplete)
    let news = JSONLines(endOf: Self.log, of: files)
    var content = notes + [.paragraph(sentence(progress, isComplete, lastNews: news?.records.last?["time"]?.text))]
    if !progress.isEmpty { content.append(table(progress)) }
    if !isComplete, let news { content += tasks(news) }
    return Part(title: "State", content: content)
  }

  private func sentence(_ progress: [JobProgress], _ isComplete: Bool, lastNews: String?) -> String {
    let news = lastNews.map { " The last news of a task came at \($0)." } ?? ""
    if isComplete { return "Complete." + news }
    let state =
      if job == nil {
        "This is what has been committed; without a job file that can be read, it is not known what is to come."
      } else if progress.isEmpty {
        "The folder has no results that this page shows."
      } else {
        """
        Not complete: this is what has been committed. The folder does not tell whether the job runs, was cancelled or failed; \
        “tributary status” does.
        """
      }
    return state + news
  }

  private func table(_ progress: [JobProgress]) -> Markup {
    Table(
      "How far the job is", words: [""], numbers: ["done", "of"],
      rows: progress.map { [$0.name, Numbers.count($0.done), $0.total.map(Numbers.count) ?? "?"] }
    ).markup
  }

  /// The last line about each task, the newest first.
  private func tasks(_ news: JSONLines) -> [Markup] {
    var seen: Set<String> = []
    let latest = news.records.reversed().filter { record in
      record["task"]?.text.map { seen.insert($0).inserted } ?? false
    }
    guard !latest.isEmpty else { return [] }
    let rows = latest.prefix(Self.tasksMax).map { record in
      [
        record["task"]?.text ?? "", record["phase"]?.text ?? "", figures(record), record["time"]?.text ?? "",
        count(record["done"]), count(record["total"]), (record["rate"]?.number).map { Numbers.rounded($0) } ?? "",
      ]
    }
    let more = latest.count - rows.count
    let table = Table(
      "Last news of tasks", words: ["task", "phase", "figures", "at"], numbers: ["done", "of", "a second"], rows: rows)
    return [.paragraph("The last news of tasks, as far as the log goes back:"), table.markup]
      + (more > 0 ? [.paragraph("and of \(Numbers.count(more)) more.")] : [])
  }

  private func count(_ value: JSON?) -> String { (value?.number).map { Numbers.fixed($0, 0) } ?? "" }

  private func figures(_ record: [String: JSON]) -> String {
    guard case .object(let figures)? = record["figures"] else { return "" }
    return figures.sorted { $0.key < $1.key }.compactMap { name, value in
      value.number.map { "\(name) \(Numbers.rounded($0))" }
    }.joined(separator: ", ")
  }
}
