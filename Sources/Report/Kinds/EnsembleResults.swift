import Specification
import Store

/// What ensembles predict, how sure they are, and what they come to together.
struct EnsembleResults: JobResults {
  private let files: JobFiles
  /// All ensembles beside each other, when all have ended.
  private let comparison: EnsembleComparison?
  /// The ensembles that have been evaluated, in the order of the job if it is known.
  private let results: [EnsembleResult]
  /// Names of the others that have begun.
  private let begun: [String]
  private let notes: [Markup]
  /// Ensembles of the job; nil if its file does not say.
  private let total: Int?

  private static let folder = "ensembles"

  /// Nil if the folder has no ensembles.
  init?(_ files: JobFiles, _ job: JobSpecification?) {
    guard files.folder.contains(Self.folder) || files.folder.contains(EnsembleComparison.fileName) else { return nil }
    self.files = files
    let job: EnsembleSpecification? = if case .ensemble(let ensembles)? = job?.work { ensembles } else { nil }
    total = job?.ensembles.count
    let begun = files.names(in: Self.folder)
    let ordered = (job?.ensembles.map(\.name) ?? []).filter(begun.contains)
    let names = ordered + begun.filter { !ordered.contains($0) }
    var notes: [Markup] = []
    func found<Summary: SummaryFile>(_ type: Summary.Type, in inner: String = "") -> Summary? {
      do {
        return try files.summary(type, in: inner)
      } catch {
        notes.append(.note("\(error)"))
        return nil
      }
    }
    comparison = found(EnsembleComparison.self)
    let results = comparison?.ensembles ?? names.compactMap { found(EnsembleResult.self, in: "\(Self.folder)/\($0)") }
    self.begun = names.filter { name in !results.contains { $0.name == name } }
    (self.results, self.notes) = (results, notes)
  }

  var progress: [JobProgress] {
    [
      JobProgress(name: "ensembles evaluated", done: results.count, total: total ?? comparison?.ensembles.count),
      JobProgress(name: "comparison", done: comparison == nil ? 0 : 1, total: 1),
    ]
  }

  var parts: [Part] {
    let tables = EnsembleTables(results)
    let unfinished = begun.map { name in
      Part(
        title: name,
        content: [
          .paragraph("Not evaluated yet."),
          Markup.attempting { try MemberCurves("\(Self.folder)/\(name)", files).markup },
        ])
    }
    let comparison = Part(
      title: "Comparison", content: notes + tables.markup + fusions + [uncertainties],
      parts: [])
    let ensembles = results.map { EnsemblePart(result: $0, folder: "\(Self.folder)/\($0.name)", files: files).part }
    return (results.isEmpty && notes.isEmpty ? [] : [comparison])
      + [Part(title: "Ensembles", content: [], parts: ensembles + unfinished)]
  }

  private var fusions: [Markup] {
    guard let comparison, !comparison.fusions.isEmpty else { return [] }
    let joined = Table(
      "Ensembles joined", words: ["data", "joined by"], numbers: ["ensembles", "accuracy", "NLL"],
      rows: comparison.fusions.map { fusion in
        [
          fusion.data, fusion.rule, Numbers.count(fusion.weights.count), Numbers.percent(fusion.accuracy, 2),
          Numbers.fixed(fusion.negativeLogLikelihood, 4),
        ]
      })
    let weights = Table(
      "Weights of ensembles", words: ["ensemble", "data"], numbers: ["weight"],
      rows: comparison.fusions.flatMap { fusion in
        fusion.weights.map { [$0.ensemble, fusion.data, Numbers.fixed($0.weight, 3)] }
      })
    return [Markup("h3", [:], ["Joined"]), joined.markup, weights.markup]
  }

  /// For each set of data, how much of the mean uncertainty is aleatoric and how much epistemic.
  private var uncertainties: Markup {
    var sets: [String] = []
    for result in results where !sets.contains(result.data) { sets.append(result.data) }
    return .gallery(
      sets.map { name in
        let own = results.filter { $0.data == name }
        return Self.stack(own, title: "Mean uncertainty of \(name)").figure
      })
  }

  private static func stack(_ results: [EnsembleResult], title: String) -> Chart {
    let means = results.map { $0.entropy ?? $0.variance }
    let isEntropy = results.allSatisfy { $0.entropy != nil }
    // The first ensemble stands above.
    let rows = Array(zip(results, means).reversed())
    func boxes(
      _ kind: String, from: (EnsembleResult.UncertaintyMeans) -> Double, to: (EnsembleResult.UncertaintyMeans) -> Double
    )
      -> Chart.Shape
    {
      .boxes(
        rows.enumerated().map { row, one in
          Chart.Box(
            from: Chart.Point(from(one.1), Double(row) - 0.3), to: Chart.Point(to(one.1), Double(row) + 0.3),
            title: "\(one.0.name), \(kind): \(Numbers.rounded(to(one.1) - from(one.1)))")
        })
    }
    return Chart(
      title: title,
      x: Axis(
        isEntropy ? "entropy, nats" : "variance", covering: means.map { $0.aleatoric + $0.epistemic }, fromZero: true),
      y: Axis("", names: rows.map(\.0.name)),
      marks: [
        Chart.Mark(boxes("aleatoric", from: { _ in 0 }, to: \.aleatoric), .aleatoric, "aleatoric"),
        Chart.Mark(boxes("epistemic", from: \.aleatoric, to: { $0.aleatoric + $0.epistemic }), .epistemic, "epistemic"),
      ], height: 50 + 28 * Double(rows.count))
  }
}
