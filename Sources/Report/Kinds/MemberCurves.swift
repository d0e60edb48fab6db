import Formats
import Store

/// How the members of an ensemble have learnt, over each other.
struct MemberCurves {
  private let members: [(name: String, lines: JSONLines)]

  /// - Parameter folder: Path of the ensemble's folder in the job's.
  init(_ folder: String, _ files: JobFiles) throws(StoreError) {
    var members: [(name: String, lines: JSONLines)] = []
    let numbers = files.names(in: "\(folder)/members").compactMap { Int($0) }.sorted()
    for number in numbers {
      let name = "\(folder)/members/\(number)/metrics.jsonl"
      if let lines = try JSONLines(name, of: files) { members.append((name, lines)) }
    }
    self.members = members
  }

  var markup: Markup {
    let charts = [loss, accuracy, rate].filter(\.hasPoints)
    guard !charts.isEmpty else { return Markup([]) }
    let count = members.count == 1 ? "1 member" : "\(members.count) members"
    let remarks = members.flatMap { $0.lines.remark($0.name) }
    return Markup([Markup("h4", [:], ["Learning of \(count)"])] + remarks + [.gallery(charts.map(\.figure))])
  }

  private var loss: Chart {
    chart(
      "Loss", [("loss", "training", .series(0), .thin), ("validationLoss", "validation", .series(1), .solid)],
      scale: .logarithmic)
  }

  private var accuracy: Chart {
    chart("Accuracy on validation inputs", [("validationAccuracy", nil, .series(1), .solid)], unit: .percent)
  }

  private var rate: Chart { chart("Learning rate", [("rate", nil, .series(2), .thin)], fromZero: true) }

  private func chart(
    _ title: String, _ figures: [(key: String, name: String?, ink: Chart.Ink, stroke: Chart.Stroke)],
    scale: Axis.Scale = .linear, unit: Axis.Unit = .plain, fromZero: Bool = false
  ) -> Chart {
    let x = members.contains { !$0.lines.points("epoch", "step").isEmpty } ? "epoch" : "step"
    var all: [Chart.Point] = []
    let marks = figures.flatMap { figure in
      members.enumerated().compactMap { number, member -> Chart.Mark? in
        let points = member.lines.points(x, figure.key)
        all += points
        let isNamed = number == 0
        return points.isEmpty
          ? nil : Chart.Mark(.line(Chart.thinned(points)), figure.ink, isNamed ? figure.name : nil, figure.stroke)
      }
    }
    let end = all.map(\.x).max() ?? 1
    return Chart(
      title: title, x: Axis(x, over: min(0, all.map(\.x).min() ?? 0)...max(end, 0)),
      y: Axis("", covering: all.map(\.y), scale: scale, unit: unit, fromZero: fromZero), marks: marks)
  }
}
