import Specification

/// One ensemble: calibration, refusal, uncertainties, inputs that stand out, classes, and how its members learnt.
struct EnsemblePart {
  let result: EnsembleResult
  /// Path of the ensemble's folder in the job's.
  let folder: String
  let files: JobFiles

  var part: Part {
    Part(title: result.name, content: [facts, charts] + pictures + classes + [curves])
  }

  private var facts: Markup {
    let several = result.members == 1 ? "1 member" : "\(Numbers.count(result.members)) members"
    return .paragraph(
      """
      \(result.network) on \(result.data), \(result.method): \(several) of \(Numbers.count(result.parameters)) parameters, \
      \(Numbers.count(result.functions)) functions; judged by \(Numbers.count(result.inputs)) inputs.
      """)
  }

  private var charts: Markup {
    let calibration = result.classes.map { [Self.reliability($0.reliability), Self.risk($0.riskByCoverage)] } ?? []
    return .gallery((calibration + histograms).map(\.figure))
  }

  private static func reliability(_ bins: [EnsembleResult.ReliabilityBin]) -> Chart {
    let filled = bins.filter { $0.count > 0 }
    let boxes = filled.map { bin in
      Chart.Box(
        from: Chart.Point(bin.lower, 0), to: Chart.Point(bin.upper, bin.accuracy),
        title: """
          \(Numbers.count(bin.count)) inputs of mean confidence \(Numbers.percent(bin.confidence)): \
          \(Numbers.percent(bin.accuracy)) right
          """)
    }
    return Chart(
      title: "Reliability", x: Axis("confidence", over: 0...1, unit: .percent),
      y: Axis("accuracy", over: 0...1, unit: .percent),
      marks: [
        Chart.Mark(.boxes(boxes), .series(5), "accuracy"),
        Chart.Mark(.points(filled.map { Chart.Point($0.confidence, $0.accuracy) }), .total, "at the mean confidence"),
        Chart.Mark(.line([Chart.Point(0, 0), Chart.Point(1, 1)]), .reference, "calibrated", .dashed),
      ])
  }

  private static func risk(_ risks: [Double]) -> Chart {
    let points = risks.enumerated().map { Chart.Point(Double($0 + 1) / Double(risks.count), $1) }
    let chance = risks.last.map { [Chart.Point(0, $0), Chart.Point(1, $0)] } ?? []
    return Chart(
      title: "Risk when the least confident are refused", x: Axis("share that is kept", over: 0...1, unit: .percent),
      y: Axis("wrong among the kept", covering: risks, unit: .percent, fromZero: true),
      marks: [
        Chart.Mark(.line(chance), .reference, "refused by chance", .dashed),
        Chart.Mark(.line(points), .series(0), "by confidence"), Chart.Mark(.points(points), .series(0)),
      ])
  }
}

extension EnsemblePart {
  private typealias Spread = EnsembleResult.UncertaintySpread

  /// The three uncertainties, those of the known set and of each shifted or unknown one over each other.
  private var histograms: [Chart] {
    let kinds: [(name: String, counts: (Spread) -> [Int])] = [
      ("Total", \.total), ("Aleatoric", \.aleatoric), ("Epistemic", \.epistemic),
    ]
    return kinds.map { histogram($0.name, $0.counts) }.filter(\.hasPoints)
  }

  private func histogram(_ kind: String, _ counts: (Spread) -> [Int]) -> Chart {
    let sets: [(name: String, spread: Spread)] =
      [("\(result.data) (known)", result.spread)] + (result.shifted ?? []).map { ($0.name, $0.spread) }
      + result.unknown.map { ($0.name, $0.spread) }
    // Bins of another width than the known set's are drawn as high as if they were as wide.
    let width = result.spread.end / Double(max(counts(result.spread).count, 1))
    let outlines = sets.map { Self.outline(counts($0.spread), end: $0.spread.end, width: width) }
    let marks = sets.indices.map { number in
      number == 0
        ? Chart.Mark(.area(outlines[0]), .series(0), sets[0].name)
        : Chart.Mark(.line(outlines[number]), .series(number), sets[number].name, .series(number - 1))
    }
    let all = outlines.flatMap { $0 }
    let unit = result.entropy == nil ? "variance" : "entropy, nats"
    return Chart(
      title: "\(kind) uncertainty", x: Axis(unit, covering: all.map(\.x), fromZero: true),
      y: Axis("share of inputs, as square root", covering: all.map(\.y), scale: .squareRoot, unit: .percent),
      marks: marks)
  }

  /// Shares of inputs in bins from 0 to `end`, as if the bins were so wide.
  private static func outline(_ counts: [Int], end: Double, width: Double) -> [Chart.Point] {
    let total = counts.reduce(0.0) { $0 + Double($1) }
    guard total > 0, end > 0 else { return [] }
    let scale = width / (end / Double(counts.count)) / total
    return Chart.outline(counts.map { Double($0) * scale }, end: end)
  }

  /// The inputs that it is most and least certain of, by their epistemic uncertainty.
  private var pictures: [Markup] {
    let sorted = result.extremes.sorted { $0.epistemic < $1.epistemic }
    let half = sorted.count / 2
    let rows = [("Most certain", Array(sorted.prefix(half))), ("Least certain", sorted.dropFirst(half).reversed())]
    return rows.filter { !$0.1.isEmpty }.flatMap { title, inputs in
      [
        Markup("h4", [:], [Markup(title)]), Markup("div", ["class": "pictures"], inputs.map(figure)),
      ]
    }
  }

  private func figure(_ input: EnsembleResult.ExtremeInput) -> Markup {
    let verdict =
      input.label == input.predicted ? "\(input.label), recognised" : "\(input.label), taken for \(input.predicted)"
    let measures = "total \(Numbers.rounded(input.total)), epistemic \(Numbers.rounded(input.epistemic))"
    let picture = Markup.attempting {
      try Picture("\(folder)/\(input.picture)", of: files).markup("Input \(input.input): \(verdict)")
    }
    return Markup("figure", [:], [picture, Markup("figcaption", [:], ["\(verdict); \(measures)"])])
  }

  private var classes: [Markup] {
    guard let classes = result.classes?.byClass, !classes.isEmpty else { return [] }
    let table = Table(
      "Classes of \(result.name)", words: ["class"],
      numbers: ["inputs", "accuracy", "entropy, total", "aleatoric", "epistemic"],
      rows: classes.map { one in
        [one.name, Numbers.count(one.count), Numbers.percent(one.accuracy)]
          + [one.entropy.total, one.entropy.aleatoric, one.entropy.epistemic].map { Numbers.fixed($0, 4) }
      })
    return [Markup("h4", [:], ["Classes"]), table.markup]
  }

  private var curves: Markup { Markup.attempting { try MemberCurves(folder, files).markup } }
}
