import Specification
import Store

/// What networks have learnt from the labels they asked for, strategy by strategy.
struct AcquisitionResults: JobResults {
  /// All runs beside each other; of a job that runs, those of the strategies all of whose runs have a round.
  private let result: AcquisitionResult?
  private let isComplete: Bool
  /// The runs that have begun, with their rounds so far.
  private let runs: [(strategy: String, rounds: [AcquisitionRound])]
  private let notes: [Markup]
  private let job: AcquisitionSpecification?

  /// Nil if the folder has no runs.
  init?(_ files: JobFiles, _ job: JobSpecification?) {
    let folder = AcquisitionSpecification.runsFolder
    guard files.folder.contains(folder) || files.folder.contains(AcquisitionResult.fileName) else { return nil }
    self.job = if case .acquisition(let acquisition)? = job?.work { acquisition } else { nil }
    var notes: [Markup] = []
    var runs: [(strategy: String, rounds: [AcquisitionRound])] = []
    var result: AcquisitionResult?
    do {
      result = try files.summary(AcquisitionResult.self)
    } catch {
      notes.append(.note("\(error)"))
    }
    for name in files.names(in: folder) {
      let file = "\(folder)/\(name)/\(AcquisitionRound.fileName)"
      do {
        guard let strategy = name.split(separator: "-").first, let bytes = try files.bytes(file) else { continue }
        runs.append((String(strategy), try AcquisitionRound.rounds(bytes)))
      } catch {
        notes.append(.note("\(file) cannot be read and is left out: \(error)"))
      }
    }
    (self.result, isComplete, self.runs, self.notes) = (result, result != nil, runs, notes)
  }

  var progress: [JobProgress] {
    let rounds = job.map { $0.labels.rounds * $0.repeats * $0.strategies.count }
    return [
      JobProgress(name: "rounds of all runs", done: runs.reduce(0) { $0 + $1.rounds.count }, total: rounds),
      JobProgress(name: "comparison", done: isComplete ? 1 : 0, total: 1),
    ]
  }

  var parts: [Part] {
    var content = notes
    if let result { content += [facts(result), ends(result)] }
    content.append(.gallery(charts.filter(\.hasPoints).map(\.figure)))
    if let result { content += [Markup("h3", [:], ["Accuracy by number of labels"]), curves(result)] }
    return [Part(title: "Active learning", content: content)]
  }

  private func facts(_ result: AcquisitionResult) -> Markup {
    .paragraph(
      """
      \(result.network) on \(result.data), \(result.method): \(Numbers.count(result.functions)) functions, \
      \(Numbers.count(result.pool)) pictures to ask about, \(Numbers.count(result.inputs)) to judge by. Numbers are means and \
      standard errors of \(Numbers.count(result.repeats)) repeats; differences to chance are taken repeat by repeat.
      """)
  }

  private func ends(_ result: AcquisitionResult) -> Markup {
    Table(
      "Strategies with all labels", words: ["strategy"],
      numbers: [
        "labels", "accuracy, %", "minus random, %", "NLL", "entropy, total", "aleatoric", "epistemic",
        "as good as random with",
      ],
      rows: result.strategies.compactMap { strategy in
        strategy.points.last.map { last in
          [
            strategy.name, Numbers.count(last.labels), percent(last.accuracy), last.gain.map(percent) ?? "–",
            Numbers.measured(last.negativeLogLikelihood.mean, error: last.negativeLogLikelihood.error),
          ] + [last.entropy.total, last.entropy.aleatoric, last.entropy.epistemic].map { Numbers.rounded($0) }
            + [last.gain == nil ? "–" : result.labelsForChance(strategy).map(Numbers.count) ?? "–"]
        }
      }
    ).markup
  }

  private func curves(_ result: AcquisitionResult) -> Markup {
    let points = result.strategies.map(\.points)
    return Table(
      "Accuracy by number of labels", words: [], numbers: ["labels"] + result.strategies.map { "\($0.name), %" },
      rows: (points.first ?? []).indices.map { round in
        [Numbers.count(points[0][round].labels)]
          + points.map { $0.indices.contains(round) ? percent($0[round].accuracy) : "–" }
      }
    ).markup
  }

  private func percent(_ share: Measured) -> String {
    Numbers.measured(share.mean * 100, error: share.error * 100)
  }
}

extension AcquisitionResults {
  /// Strategies in the order of the job, or else of their names.
  private var strategies: [AcquisitionResult.Strategy] {
    if let result { return result.strategies }
    var names = job?.strategies.map(\.rawValue) ?? []
    for run in runs where !names.contains(run.strategy) { names.append(run.strategy) }
    return AcquisitionResult.strategies(
      names.compactMap { name in
        let repeats = runs.filter { $0.strategy == name }.map(\.rounds)
        return repeats.isEmpty ? nil : (name, repeats)
      })
  }

  private var charts: [Chart] {
    let strategies = strategies
    return [
      chart("Accuracy", strategies, "right among pictures to judge by", unit: .percent) { $0.accuracy },
      chart("Accuracy minus that of chance", strategies, "difference", unit: .percent, fromZero: true) { $0.gain },
      chart("Mean epistemic uncertainty", strategies, "mutual information, nats", fromZero: true) {
        Measured(mean: $0.entropy.epistemic, error: 0)
      },
      chart("Mean aleatoric uncertainty", strategies, "expected entropy, nats", fromZero: true) {
        Measured(mean: $0.entropy.aleatoric, error: 0)
      },
    ]
  }

  /// A line for each strategy, with a bar of a standard error to either side of each point.
  private func chart(
    _ title: String, _ strategies: [AcquisitionResult.Strategy], _ label: String, unit: Axis.Unit = .plain,
    fromZero: Bool = false, _ value: (AcquisitionResult.Point) -> Measured?
  ) -> Chart {
    var all: [Chart.Point] = []
    let marks = strategies.enumerated().flatMap { number, strategy -> [Chart.Mark] in
      let points = strategy.points.compactMap { point in value(point).map { (x: Double(point.labels), y: $0) } }
      let line = points.map { Chart.Point($0.x, $0.y.mean) }
      let bars = points.flatMap { point -> [Chart.Point] in
        let (mean, error) = (point.y.mean, point.y.error)
        return [
          Chart.Point(point.x, mean - error), Chart.Point(point.x, mean + error), Chart.Point(.nan, .nan),
        ]
      }
      all += line + bars
      guard !line.isEmpty else { return [] }
      return [
        Chart.Mark(.line(bars), .series(number), nil, .thin),
        Chart.Mark(.line(line), .series(number), strategy.name, .series(number)),
        Chart.Mark(.points(line), .series(number)),
      ]
    }
    return Chart(
      title: title, x: Axis("labels", covering: all.map(\.x), fromZero: true),
      y: Axis(label, covering: all.map(\.y), unit: unit, fromZero: fromZero), marks: marks)
  }
}
