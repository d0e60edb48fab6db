import Formats
import Specification
import Store

/// How the stages of a cascade have learnt, what they draw, and how that compares with the data.
struct CascadeResults: JobResults {
  private let files: JobFiles
  private let cascade: CascadeSpecification?
  /// Names of the stages, the one of lowest resolution first.
  private let stages: [String]

  private static let previews = "run/previews"
  /// Previews of the last stage that are shown of many.
  private static let previewsShown = 4

  /// Nil if the folder has no stages.
  init?(_ files: JobFiles, _ job: JobSpecification?) {
    cascade = if case .cascade(let cascade)? = job?.work { cascade } else { nil }
    stages = cascade?.stages.map(\.name) ?? files.names(in: "stages")
    guard files.folder.contains("stages") || files.folder.contains("samples/grid.png") else { return nil }
    self.files = files
  }

  var progress: [JobProgress] {
    var progress = stages.enumerated().map { position, stage in
      let steps =
        ((try? JSONLines("stages/\(stage)/metrics.jsonl", of: files)) ?? nil)?.points("step", "loss").last?.x ?? 0
      let total = cascade?.stages[position].steps
      // Weights that are only drawn with have no figures.
      let done = total == 0 ? 0 : Int(exactly: steps.rounded()) ?? 0
      return JobProgress(name: "steps of \(stage)", done: done, total: total)
    }
    if cascade?.samples != nil { progress.append(existence("samples", "samples/grid.png")) }
    if cascade?.evaluation != nil { progress.append(existence("evaluation", PictureSummary.fileName)) }
    return progress
  }

  private func existence(_ name: String, _ file: String) -> JobProgress {
    JobProgress(name: name, done: files.folder.contains(file) ? 1 : 0, total: 1)
  }

  var parts: [Part] { [evaluation, pictures, training].compactMap { $0 } }

  private var evaluation: Part? {
    do {
      guard let summary = try files.summary(PictureSummary.self) else { return nil }
      return Part(title: "Evaluation", content: [Self.table(summary)])
    } catch {
      return Part(title: "Evaluation", content: [.note("\(error)")])
    }
  }

  private static func table(_ summary: PictureSummary) -> Markup {
    let isOfClasses = (summary.drawn + [summary.data].compactMap { $0 }).contains { $0.inceptionScore != nil }
    let rows =
      summary.drawn.map { ($0, $0.guidance.map(Numbers.setting) ?? "as in the job") }
      + (summary.data.map { [($0, "data held out")] } ?? [])
    let table = Table(
      "Drawn pictures beside the data", words: ["guidance"],
      numbers: ["pictures", "FID", "KID · 1000", "precision", "recall"] + (isOfClasses ? ["inception score"] : [])
        + (summary.candidates.map { ["right of \($0)"] } ?? []),
      rows: rows.map { row, name in
        [
          name, Numbers.count(row.count), Numbers.fixed(row.frechetDistance, 2), Numbers.fixed(row.kernelDistance, 2),
          Numbers.fixed(row.precision, 3), Numbers.fixed(row.recall, 3),
        ] + (isOfClasses ? [row.inceptionScore.map { Numbers.fixed($0, 2) } ?? "–"] : [])
          + (summary.candidates == nil ? [] : [row.retrieval.map { Numbers.percent($0) } ?? "–"])
      })
    return Markup([
      .paragraph(
        "Compared with \(Numbers.count(summary.references)) pictures of the data by \(summary.features). FID and KID are 0 for equal distributions."
      ),
      table.markup,
    ])
  }

  private var pictures: Part? {
    var sheets: [Markup] = []
    if files.folder.contains("samples/grid.png") { sheets.append(sheet("samples/grid.png", "Samples")) }
    for name in files.names(in: "evaluation") where files.folder.contains("evaluation/\(name)/grid.png") {
      sheets.append(sheet("evaluation/\(name)/grid.png", "Evaluation, \(name.replacing("-", with: " "))"))
    }
    let previews = shownPreviews.map { sheet("\(Self.previews)/\($0)", Self.title(ofPreview: $0)) }
    guard !sheets.isEmpty || !previews.isEmpty else { return nil }
    return Part(
      title: "Pictures",
      content: [sheets, previews].filter { !$0.isEmpty }.map { Markup("div", ["class": "gallery sheet"], $0) })
  }

  private func sheet(_ file: String, _ title: String) -> Markup {
    Markup.attempting {
      let picture = try Picture(file, of: files).markup(title)
      return Markup("figure", [:], [Markup("figcaption", [:], [Markup(title)]), picture])
    }
  }

  /// What `000012-base.png` is called.
  private static func title(ofPreview file: String) -> String {
    let parts = file.dropLast(4).split(separator: "-", maxSplits: 1)
    guard parts.count == 2, let number = Int(parts[0]) else { return "Preview \(file)" }
    return "Preview \(number + 1) of \(parts[1])"
  }

  /// Of the last stage some from the first to the newest, of the others the newest.
  private var shownPreviews: [String] {
    let all = files.names(in: Self.previews)
    return stages.enumerated().flatMap { position, stage -> [String] in
      let own = all.filter { $0.hasSuffix("-\(stage).png") }
      guard position == stages.count - 1, own.count > 1 else { return own.suffix(1) }
      let count = min(own.count, Self.previewsShown)
      return (0..<count).map { own[$0 * (own.count - 1) / (count - 1)] }
    }
  }

  private var training: Part? {
    let parts = stages.compactMap { stage in
      files.folder.contains("stages/\(stage)/metrics.jsonl")
        || files.folder.contains("stages/\(stage)/validation.jsonl")
        ? Part(title: stage, content: [Markup.attempting { try StageCurves(stage, files).markup }]) : nil
    }
    return parts.isEmpty ? nil : Part(title: "Training", content: [], parts: parts)
  }
}
