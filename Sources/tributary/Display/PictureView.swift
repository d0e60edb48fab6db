import Foundation
import Specification

/// What a cascade has drawn and how it compares with the data, for people.
enum PictureView {
  static func text(of summary: PictureSummary?, hasSamples: Bool, folder: String) -> String {
    var parts: [String] = []
    if let summary { parts.append(table(summary)) }
    var places = ["stages   \(folder)/stages"]
    if hasSamples { places += ["samples  \(folder)/samples/samples.jsonl", "grid     \(folder)/samples/grid.png"] }
    parts.append(places.joined(separator: "\n"))
    return parts.joined(separator: "\n\n")
  }

  private static func table(_ summary: PictureSummary) -> String {
    var header = ["guidance", "pictures", "FID", "KID x 1000", "precision", "recall", "IS"]
    if let candidates = summary.candidates { header.append("right of \(candidates)") }
    let rows = summary.drawn.map { row($0, name: $0.guidance.map(JobView.number) ?? "as in the job", header.count) }
    let data = summary.data.map { [row($0, name: "data held out", header.count)] } ?? []
    let title = "compared with \(summary.references) pictures by \(summary.features)"
    return title + "\n" + Table(header, rows + data, numeric: Set(1..<header.count)).text
  }

  private static func row(_ row: PictureSummary.Row, name: String, _ columns: Int) -> [String] {
    let cells = [
      name, "\(row.count)", format(row.frechetDistance, 2), format(row.kernelDistance, 2), format(row.precision, 3),
      format(row.recall, 3), row.inceptionScore.map { format($0, 2) } ?? "-",
      row.retrieval.map { format($0 * 100, 1) + " %" } ?? "-",
    ]
    return Array(cells.prefix(columns))
  }

  private static func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
