import Foundation
import Report
import Specification
import TestSupport
import Testing

/// Pages of jobs that ask for labels.
struct AcquisitionPageTests {
  private static let yaml = """
    kind: acquisition
    data: {name: digits, images: digits, channels: 1, resolution: 28, test: {images: digits-test}}
    network: {type: lenet5}
    strategies: [epistemic, random]
    labels: {first: 20, step: 20, last: 60}
    repeats: 2

    """

  private static func rounds(_ accuracies: [Double]) -> [AcquisitionRound] {
    accuracies.enumerated().map { round, accuracy in
      AcquisitionRound(
        labels: 20 * (round + 1), accuracy: accuracy, negativeLogLikelihood: 1 - accuracy,
        entropy: .init(total: 0.5, aleatoric: 0.3, epistemic: 0.2), classes: [20 * (round + 1)])
    }
  }

  private static let runs = [
    (name: "epistemic", repeats: [rounds([0.5, 0.75, 0.875]), rounds([0.5, 0.8125, 0.9375])]),
    (name: "random", repeats: [rounds([0.5, 0.625, 0.75]), rounds([0.5, 0.6875, 0.75])]),
  ]

  /// Writes the first so many rounds of each run.
  private static func write(to folder: String, rounds: (_ strategy: String, _ number: Int) -> Int) throws {
    try ExampleEnsembles.write(Array(yaml.utf8), "\(folder)/job.yaml")
    for (name, repeats) in runs {
      for (number, lines) in repeats.enumerated() where rounds(name, number) > 0 {
        let bytes = try lines.prefix(rounds(name, number)).flatMap { try $0.line() }
        let file = AcquisitionSpecification.file(AcquisitionRound.fileName, strategy: name, number: number)
        try ExampleEnsembles.write(bytes, "\(folder)/\(file)")
      }
    }
  }

  @Test func strategiesAreComparedRepeatByRepeat() throws {
    let store = try TemporaryFolder()
    let folder = "\(store.path)/jobs/ask"
    try Self.write(to: folder) { _, _ in 3 }
    let result = AcquisitionResult(
      data: "digits", network: "lenet5", method: "deep", functions: 5, repeats: 2, pool: 1000, inputs: 500,
      strategies: AcquisitionResult.strategies(Self.runs))
    // Differences of 0.125 and 0.1875: their mean, and half the distance between them.
    #expect(result.strategies[0].points[2].gain == Measured(mean: 0.15625, error: 0.03125))
    #expect(result.labelsForChance(result.strategies[0]) == 40)
    try ExampleEnsembles.write(try result.json(), "\(folder)/\(AcquisitionResult.fileName)")
    let page = try Elements(try JobReport(store: store.path, job: "ask").html)
    #expect(page.texts("p").contains("Job of kind acquisition, seed 1") && page.texts("p").contains("Complete."))
    let cells = page.texts("td")
    for cell in ["15.6\u{a0}±\u{a0}3.1", "90.6\u{a0}±\u{a0}3.1", "75.0", "40"] {
      #expect(cells.contains(cell), "\(cell) is missing from \(cells)")
    }
    let charts = page.texts("figcaption")
    for title in ["Accuracy", "Accuracy minus that of chance", "Mean epistemic uncertainty"] {
      #expect(charts.contains(title), "there is no chart \(title)")
    }
  }

  @Test func whatRunsIsShownAsFarAsItIs() throws {
    let store = try TemporaryFolder()
    let folder = "\(store.path)/jobs/ask"
    try Self.write(to: folder) { strategy, number in strategy == "epistemic" ? 3 - number : 1 - number }
    try ExampleEnsembles.write(Array("{\"labels\": 1}\n".utf8), "\(folder)/runs/random-1/rounds.jsonl")
    let page = try Elements(try JobReport(store: store.path, job: "ask").html)
    #expect(page.texts("tr").contains("rounds of all runs612"))
    #expect(page.texts("figcaption").contains("Accuracy"))
    #expect(page.texts("p").contains { $0.contains("runs/random-1/rounds.jsonl cannot be read") })
    // Two rounds that both repeats of the one have, and one of the other's single run.
    let dots = page.attributes("circle").count { $0["r"] == "2.5" }
    #expect(dots == 3 * 3, "\(dots) points in three charts of mean values")
  }
}
