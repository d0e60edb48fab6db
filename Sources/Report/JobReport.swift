import Formats
import Foundation
import Specification
import Store

/// What a job has found so far, as one page that needs no server, no script and no other file.
///
/// It is made of the job's folder alone, so it can be made at any moment, with or without a coordinator. The same folder gives the
/// same page.
public struct JobReport: Sendable {
  private let name: String
  private let files: JobFiles

  /// Name of the page in the job's folder; `run/` holds what is no result.
  public static let fileName = "run/report.html"

  /// Finds a job in a store.
  /// - Throws: `StoreError.Code.missing` if the store has no such job.
  public init(store: String, job: String) throws(StoreError) {
    guard JobSpecification.isName(job) else {
      throw StoreError(.missing, "\(shown(job)) cannot be the name of a job; \(store) has none.")
    }
    let folder = JobFolder(storeFolder: store, job: job)
    guard folder.contains("") else {
      throw StoreError(.missing, "\(store) has no job \(job). If the job is elsewhere, name its store with --store.")
    }
    (name, files) = (job, JobFiles(folder: folder))
  }

  /// The page. What is missing is left out, and what cannot be read is named in its place.
  public var html: String {
    var notes: [Markup] = []
    var job: JobSpecification?
    var text: String?
    do {
      text = try files.bytes("job.yaml").map { String(decoding: $0, as: UTF8.self) }
      if text == nil { notes.append(.note("The folder has no job.yaml.")) }
      job = try text.map { try JobSpecification(yaml: $0, file: "job.yaml") }
    } catch {
      notes.append(.note("\(error)"))
    }
    let kinds: [(any JobResults)?] = [
      EnsembleResults(files, job), AcquisitionResults(files, job), ChainsResults(files, job),
      CascadeResults(files, job),
    ]
    let results = kinds.compactMap { $0 }
    let state = JobState(files: files, job: job, results: results).part(notes)
    let file = text.map { Part(title: "Job file", content: [Self.details($0)]) }
    let kicker = job.map { "Job of kind \($0.kind.rawValue), seed \($0.seed)" } ?? "Job"
    return Page(title: name, kicker: kicker, parts: [state] + results.flatMap(\.parts) + [file].compactMap { $0 }).html
  }

  private static func details(_ text: String) -> Markup {
    Markup(
      "details", [:],
      [Markup("summary", [:], ["job.yaml, as submitted"]), Markup("pre", [:], [Markup(text)])])
  }
}

/// What the folder of a job has of one kind of work.
protocol JobResults {
  /// How far the work is, thing by thing.
  var progress: [JobProgress] { get }
  /// The parts of the page that show it.
  var parts: [Part] { get }
}

/// How far one thing is.
struct JobProgress: Equatable {
  var name: String
  var done: Int
  /// All there will be; nil if the job file does not say.
  var total: Int?

  var isComplete: Bool { total.map { done >= $0 } ?? false }
}
