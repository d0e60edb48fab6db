import Foundation
import Report
import Specification
import Store
import TestSupport
import Testing

/// Pages of chains and of cascades, of folders with a few small files.
struct KindsTests {
  private static let chains = """
    kind: chains
    data: {set: yacht}
    model: {type: linear}
    chains: 3
    draws: 200
    segment: 50

    """

  /// Two chains of 100 draws, the second higher, as a job that goes on shows them.
  private static func writeDraws(to folder: String) throws {
    let layout = try ZarrLayout(
      counters: [ZarrCounter(name: "draw", chains: 3, draws: 200, chunkDraws: 50)],
      groups: [
        ZarrGroup(
          name: "posterior", growth: .draws(counter: "draw"), arrays: [ZarrArray(name: "sigma", dtype: .float64)]),
        ZarrGroup(
          name: "sample_stats", growth: .draws(counter: "draw"), arrays: [ZarrArray(name: "lp", dtype: .float64)]),
        ZarrGroup(
          name: "predictions", growth: .draws(counter: "draw"),
          dimensions: [ZarrDimension(name: "held_out", coordinates: .integers([7, 3, 11, 5]))],
          arrays: [ZarrArray(name: "mean", dtype: .float64, dimensions: ["held_out"])]),
      ])
    for file in layout.initialFiles() { try ExampleEnsembles.write(file.bytes, "\(folder)/\(file.path)") }
    for (group, array, width) in [("posterior", "sigma", 1), ("sample_stats", "lp", 1), ("predictions", "mean", 4)] {
      let chunk = try layout.chunk(group: group, array: array)
      for (chain, segment) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        // A fixed noise, which has neither trace nor ranks.
        let values = (0..<50 * width).map { array == "sigma" ? 1 : Double(1000 * chain + 50 * segment * width + $0) }
        try ExampleEnsembles.write(try chunk.encoded(values), "\(folder)/\(chunk.path(chain: chain, segment: segment))")
      }
    }
    let metadata = layout.metadata(extents: ["draw": ZarrExtent(chains: 2, draws: 100)])
    try ExampleEnsembles.write(metadata, "\(folder)/\(ZarrLayout.metadataPath)")
  }

  @Test func chainsThatRunShowTheirDraws() throws {
    let store = try TemporaryFolder()
    let folder = "\(store.path)/jobs/boats"
    try ExampleEnsembles.write(Array(Self.chains.utf8), "\(folder)/job.yaml")
    try Self.writeDraws(to: "\(folder)/posterior.zarr")
    let page = try Elements(try JobReport(store: store.path, job: "boats").html)
    let rows = page.texts("tr")
    #expect(rows.contains("chains with draws23") && rows.contains("draws of each of these100200"))
    let charts = page.texts("figcaption")
    for name in ["log density", "prediction of row 7", "prediction of row 3", "prediction of row 5"] {
      #expect(charts.contains("Trace: \(name)") && charts.contains("Ranks: \(name)"), "\(name) has no charts")
    }
    #expect(!charts.contains("Trace: noise"))
    // The lower chain has all lower ranks: ten full bars, then ten empty ones.
    let titles = page.texts("title").filter { $0.hasPrefix("chain 0: ") }
    #expect(Array(titles.prefix(20)) == (0..<20).map { $0 < 10 ? "chain 0: 10 draws" : "chain 0: 0 draws" })
    #expect(page.texts("p").contains { $0.contains("come with the evaluation") })
  }

  @Test func chainsThatHaveEndedShowTheirEvaluation() throws {
    let store = try TemporaryFolder()
    let folder = "\(store.path)/jobs/boats"
    try ExampleEnsembles.write(Array(Self.chains.utf8), "\(folder)/job.yaml")
    let summary = EvaluationSummary(
      draws: 200, convergence: [.init(name: "noise", rHat: 1.0042, bulkESS: 812.4, tailESS: 640)],
      chains: [.init(divergences: 2, eBFMI: nil, stepSize: 0.00184, acceptance: 0.87)],
      prediction: .init(
        testRows: 2, rmse: 0.327, logPredictiveDensity: -0.139, coverage: 0.871, coverageProbability: 0.9,
        totalVariance: 0.03865, aleatoricVariance: 0.01727, epistemicVariance: 0.02139),
      remarks: ["2 draws diverged, < 1 %."], store: "posterior.zarr")
    try ExampleEnsembles.write(try summary.json(), "\(folder)/summary.json")
    let table = "row,target,mean,total_variance\n4,1.5,1.25,0.01\n9,3,3.5,0.04\n"
    try ExampleEnsembles.write(Array(table.utf8), "\(folder)/predictions.csv")
    let page = try Elements(try JobReport(store: store.path, job: "boats").html)
    let rows = page.texts("tr")
    #expect(rows.contains("noise1.004812640") && rows.contains("chain 020020.870.00184–"))
    #expect(rows.contains("log predictive density−0.139"))
    #expect(page.texts("p").contains("2 draws diverged, < 1 %."))
    #expect(page.texts("figcaption").contains("Errors of the predictive mean"))
    #expect(page.attributes("circle").count { $0["r"] == "2.5" } == 2)
    // The draws are gone, which is said rather than passed over.
    #expect(page.texts("p").contains { $0.contains(".zmetadata") })
  }

  private static let cascade = """
    kind: cascade
    data: {images: pictures.idx, channels: 1}
    stages:
      - {name: base, resolution: 8, network: {type: unet, channels: 8}, steps: 40}
      - {name: fine, resolution: 16, network: {type: unet, channels: 8}, steps: 40}
    samples: {count: 4}

    """

  @Test func aCascadeShowsHowFarEachStageIs() throws {
    let store = try TemporaryFolder()
    let folder = "\(store.path)/jobs/draw"
    try ExampleEnsembles.write(Array(Self.cascade.utf8), "\(folder)/job.yaml")
    let lines = (1...4).map {
      "{\"step\": \($0 * 10), \"loss\": \(1 / Double($0)), \"gradientNorm\": 1, \"lossByNoise\": {\"<0.1\": 0.\($0)}}\n"
    }
    try ExampleEnsembles.write(Array(lines.joined().utf8), "\(folder)/stages/base/metrics.jsonl")
    try ExampleEnsembles.write(Array(lines.prefix(2).joined().utf8), "\(folder)/stages/fine/metrics.jsonl")
    let evaluation = PictureSummary(
      features: "a <classifier>", references: 50, candidates: nil, data: nil,
      drawn: [
        .init(
          guidance: 3, count: 40, frechetDistance: 7.479, kernelDistance: -1.5, precision: 0.5, recall: 0.25,
          inceptionScore: nil, retrieval: nil)
      ])
    try ExampleEnsembles.write(try evaluation.json(), "\(folder)/evaluation.json")
    let page = try Elements(try JobReport(store: store.path, job: "draw").html)
    let rows = page.texts("tr")
    #expect(rows.contains("steps of base4040") && rows.contains("steps of fine2040") && rows.contains("samples01"))
    #expect(rows.contains("3407.48−1.500.5000.250"))
    #expect(page.texts("p").contains { $0.contains("by a <classifier>.") })
    #expect(page.texts("figcaption").count { $0 == "Training loss" } == 2)
    // The loss falls from 1 to 1/4: over an axis of 0.2 … 1, from the top to log 1.25 / log 5 of its height.
    let line = try #require(page.attributes("path").first { $0["class"] == "line k0" }?["d"])
    let last = try #require(line.split(separator: "L").last?.split(separator: " ").last.flatMap { Double($0) })
    #expect(abs(last - (186 - 178 * log(1.25) / log(5))) < 0.06)
  }
}
