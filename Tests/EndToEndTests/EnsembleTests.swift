import Datasets
import Formats
import Foundation
import Glibc
import Runtime
import Specification
import TestSupport
import Testing

extension EndToEndTests {
  /// Ensembles of every kind come out of one job, told apart and the same however often they were disturbed.
  @Suite struct EnsembleTests {
    private static let training = "training: {epochs: 6, batch: 24, optimizer: {type: sgd, rate: 0.05}}"
    /// Laplace's method is about a mode.
    private static let mode =
      "training: {epochs: 30, batch: 24, priorPrecision: 1, optimizer: {type: sgd, rate: 0.05, schedule: cosine}}"
    private static let ensembles = [
      "{name: deep, data: bars, network: {type: lenet5, width: 0.5}, method: {type: deep, members: 3}, \(training), unknown: [corners], shifted: [pale]}",
      "{name: heads, data: bars, network: {type: mlp, hidden: [16, 16]}, method: {type: partial, members: 3, trunk: 2}, \(training)}",
      "{name: chains, data: bars, network: {type: mlp, hidden: [16]}, method: {type: sghmc, members: 2, draws: 3, rate: 1e-3}, \(training)}",
      "{name: swag, data: bars, network: {type: mlp, hidden: [16], normalization: batch}, method: {type: swag, draws: 4, share: 0.5}, \(training)}",
      "{name: dropout, data: bars, network: {type: mlp, hidden: [16], dropout: 0.2}, method: {type: dropout, draws: 4}, \(training)}",
      "{name: norm, data: bars, network: {type: mlp, hidden: [16], normalization: batch}, method: {type: batchNorm, draws: 4}, \(training)}",
      "{name: dirichlet, data: bars, network: {type: mlp, hidden: [16]}, method: {type: dirichlet}, \(training)}",
      "{name: laplace, data: bars, network: {type: mlp, hidden: [16]}, method: {type: laplace}, \(mode)}",
      "{name: langevin, data: bars, network: {type: mlp, hidden: [16]}, method: {type: sgld, members: 2, draws: 3, rate: 1e-3}, \(training)}",
      "{name: thermostat, data: bars, network: {type: mlp, hidden: [16]}, method: {type: sgnht, members: 2, draws: 3, rate: 1e-3}, \(training)}",
      "{name: boat, data: yacht, network: {type: mlp, hidden: [16]}, method: {type: deep, members: 2}, training: {epochs: 40, batch: 16, optimizer: {type: adamW, rate: 1e-2}}}",
      "{name: evidence, data: yacht, network: {type: mlp, hidden: [16]}, method: {type: evidential}, training: {epochs: 40, batch: 16, optimizer: {type: adamW, rate: 1e-2}}}",
      "{name: pupils, data: bars, network: {type: mlp, hidden: [16, 16]}, method: {type: partial, members: 2, trunk: 1}, training: {epochs: 6, batch: 24, pseudoLabels: {from: deep, data: pale, share: 0.25}}, shifted: [pale]}",
      "{name: tail, data: rare, network: {type: mlp, hidden: [16], dropout: 0.2}, method: {type: dropout, draws: 4}, training: {epochs: 20, batch: 12}}",
      "{name: weighed, data: rare, network: {type: mlp, hidden: [16]}, training: {epochs: 20, batch: 12, weights: {by: epistemic, from: tail}}}",
      "{name: shared, data: bars, network: {type: lenet5, width: 0.5, normalization: batch}, method: {type: batch, members: 3}, \(training)}",
      "{name: fleet, data: yacht, network: {type: mlp, hidden: [16]}, method: {type: batch, members: 3}, training: {epochs: 40, batch: 16, optimizer: {type: adamW, rate: 1e-2}}}",
      "{name: chosen, data: bars, network: {type: mlp, hidden: [16]}, method: {type: laplace, precision: validation}, \(mode)}",
      "{name: drawn, data: boats, network: {type: mlp, hidden: [16]}, method: {type: laplace, precision: validation, draws: 5}, training: {epochs: 40, batch: 16, priorPrecision: 1, optimizer: {type: adamW, rate: 1e-2}}}",
      "{name: line, data: yacht, network: {type: mlp, hidden: []}, method: {type: laplace, structure: full, precision: 3}, training: {epochs: 1000, batch: 300, segment: 300, priorPrecision: 3, optimizer: {type: sgd, rate: 0.05, schedule: cosine}}}",
    ]
    private static let data = Result { try TinyEnsembles() }
    private static let whole = Result {
      let cluster = try TestCluster()
      try cluster.start(workers: 2)
      let job = try data.get().job("whole", ensembles, rest: "fusion: stacking")
      try data.get().submit(job, to: cluster)
      return try cluster.results(of: job)
    }

    @Test func everyMethodTellsUncertaintyApart() throws {
      let files = try Self.whole.get().files
      let comparison = try EnsembleComparison(json: try #require(files[EnsembleComparison.fileName]))
      #expect(comparison.ensembles.count == Self.ensembles.count)
      for one in comparison.ensembles {
        let means = one.variance
        #expect(abs(means.total - means.aleatoric - means.epistemic) < 1e-9 * max(1, means.total), "\(one.name)")
        #expect((means.epistemic > 0) == (one.method != "single"), "\(one.name) is sure of itself")
        #expect((one.logEvidence != nil) == one.method.hasPrefix("laplace"), "\(one.name)")
        if let classes = one.classes {
          #expect(classes.accuracy > (one.data == "rare" ? 0.7 : 0.9), "\(one.name): \(classes.accuracy)")
          #expect(one.inputs == 60)
        }
        if let numbers = one.numbers {
          #expect(numbers.divisions == 2 && one.inputs == 62)
          #expect(numbers.rmse < (one.name == "line" ? 12 : 6), "\(one.name): \(numbers.rmse)")
        }
      }
      let deep = try #require(comparison.ensembles.first)
      #expect(deep.functions == 3 && deep.members == 3)
      #expect(try #require(deep.unknown.first).total.areaUnderROC > 0.9)
      #expect(comparison.ensembles[2].functions == 6)
      let fusion = try #require(comparison.fusions.first)
      #expect(abs(fusion.weights.reduce(0) { $0 + $1.weight } - 1) < 1e-9 && fusion.accuracy > 0.95)
      // Heads share their trunk to the last bit, and differ after it.
      let heads = try (0..<3).map { head in
        try Safetensors(bytes: try #require(files["ensembles/heads/members/\(head)/weights.safetensors"]))
      }
      #expect(Set(heads.map(\.names)).count == 1)
      #expect(files["ensembles/heads/trunk-0/weights.safetensors"] != nil)
      #expect(try heads[0].tensor(heads[0].names[0]) != heads[1].tensor(heads[0].names[0]))
    }

    /// Laplace's approximation of a linear network with Gaussian noise is Bayesian linear regression, to what the training leaves.
    @Test func laplaceOfALinearNetworkIsLinearRegression() throws {
      let files = try Self.whole.get().files
      let lines = String(decoding: try #require(files["ensembles/line/predictions.csv"]), as: UTF8.self)
        .split(separator: "\n").dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
      #expect(lines.count == 62)
      for split in 0..<2 {
        let data = try RegressionData(DataSpecification(source: .shipped(.yacht), split: .standard(split)))
        let reference = try LinearReference(data, precision: 3)
        let scale = data.targetScaling.scale
        for (line, (mean, variance)) in zip(lines.filter { $0[0] == Double(split) }, reference.predictions) {
          #expect(abs(line[3] - data.targetScaling.restored(mean)) < 1e-3 * scale)
          #expect(abs(line[4] / (reference.noise * scale * scale) - 1) < 1e-3)
          #expect(abs(line[5] / (variance * scale * scale) - 1) < 1e-3)
        }
        let summary = try LaplaceSummary(json: #require(files["ensembles/line/members/\(split)/laplace.json"]))
        #expect(abs(try #require(summary.noise) / reference.noise.squareRoot() - 1) < 1e-3)
        #expect(summary.priorPrecisions == [3] && summary.candidates == nil)
      }
    }

    /// The weights that a member left behind give the same approximation without a step of training.
    @Test func laplaceTakesWeightsAsTheyAre() throws {
      let (data, trained) = (try Self.data.get(), try Self.whole.get().files)
      func file(_ name: String) -> String { "ensembles/line/members/0/\(name)" }
      let weights = try #require(trained[file("weights.safetensors")])
      try Data(weights).write(to: URL(filePath: "\(data.folder.path)/line.safetensors"))
      let method = "{type: laplace, structure: full, precision: 3, weights: line.safetensors}, training: {batch: 300}"
      let job = data.job("given", ["{name: line, data: yacht, network: {type: mlp, hidden: []}, method: \(method)}"])
      let cluster = try TestCluster()
      try cluster.start(workers: 1)
      try data.submit(job, to: cluster)
      let given = try cluster.results(of: job).files
      #expect(given[file("metrics.jsonl")] == [])
      for name in ["laplace.json", "predictions.safetensors"] {
        #expect(given[file(name)] == trained[file(name)], "\(name) is another one")
      }
    }

    @Test func thePriorIsChosenByWhatIsHeldOut() throws {
      let files = try Self.whole.get().files
      for (name, hasNoise) in [("chosen", false), ("drawn", true)] {
        let summary = try LaplaceSummary(json: #require(files["ensembles/\(name)/members/0/laplace.json"]))
        let tried = try #require(summary.candidates)
        #expect(tried.map { log10($0.precision).rounded() } == (-4...6).map(Double.init))
        let best = try #require(tried.min { $0.negativeLogLikelihood < $1.negativeLogLikelihood })
        #expect(summary.priorPrecisions.allSatisfy { $0 == best.precision } && !summary.priorPrecisions.isEmpty)
        #expect((summary.noise != nil) == hasNoise)
        // The loss told is that of the predictions that are made of the same inputs.
        guard !hasNoise else { continue }
        let made = try Safetensors(bytes: #require(files["ensembles/\(name)/predictions.safetensors"]))
        let labels = try made.tensor("validation/labels").integerValues()
        let probabilities = try made.tensor("validation/probabilities").doubles()
        let losses = labels.enumerated().map { -log(probabilities[$0.offset * TinyEnsembles.classes + $0.element]) }
        #expect(abs(losses.reduce(0, +) / Double(labels.count) - best.negativeLogLikelihood) < 1e-9)
      }
    }

    @Test(arguments: [
      (
        "{name: more, images: unknown.idx, labels: more-labels.idx, channels: 1, resolution: 12}", "shifted: [more]",
        "more has labels of 6 classes, but bars only of 4; name sets of the same classes"
      ),
      ("{name: late, of: bars, skip: 240}", "shifted: [late]", "has 240 pictures to learn from; `skip` fewer"),
    ])
    func picturesThatDoNotFitAreRefusedBeforeTheyAreSent(set: String, rest: String, message: String) throws {
      let data = try TinyEnsembles()
      try data.writeLabels(of: 40, classes: 6, as: "more-labels.idx")
      let job = data.job("bad", ["{name: one, data: bars, network: {type: mlp, hidden: [4]}, \(rest)}"])
      let yaml = job.yaml.replacing("  - {name: yacht,", with: "  - \(set)\n  - {name: yacht,")
      let file = try data.folder.write(yaml, as: "bad.yaml")
      let process = try RunningProcess([Programs.tributary, "validate", file], output: "\(data.folder.path)/log")
      #expect(try process.end() == 65 && process.output.contains(message), "\(process.output)")
    }

    @Test func ensemblesGuideOthers() throws {
      let files = try Self.whole.get().files
      func result(_ name: String) throws -> EnsembleResult {
        try EnsembleResult(json: try #require(files["ensembles/\(name)/\(EnsembleResult.fileName)"]))
      }
      func steps(_ name: String) throws -> String {
        let lines = String(decoding: try #require(files["ensembles/\(name)/members/0/metrics.jsonl"]), as: UTF8.self)
        return String(lines.split(separator: "\n").last?.split(separator: ",").dropFirst().first ?? "")
      }
      let shifted = try #require(try result("pupils").shifted?.first)
      #expect(shifted.name == "pale" && shifted.inputs == 60 && shifted.accuracy > 0.8)
      #expect(abs(shifted.entropy.total - shifted.entropy.aleatoric - shifted.entropy.epistemic) < 1e-9)
      // 216 pictures of its own and a quarter of 216 others, by 24, six times.
      #expect(try steps("pupils") == " \"step\": 66" && steps("heads") == " \"step\": 54")
      let guidance = try Safetensors(bytes: try #require(files["ensembles/deep/guidance.safetensors"]))
      #expect(guidance.names.sorted() == ["pale/epistemic", "pale/predicted"])
      #expect(try guidance.tensor("pale/predicted").shape == [216])
      // 60, 28, 13 and 6 pictures, of which a tenth is held out.
      let tail = try Safetensors(bytes: try #require(files["ensembles/tail/guidance.safetensors"]))
      #expect(try tail.tensor("rare/epistemic").shape == [96])
      #expect(files["ensembles/heads/guidance.safetensors"] == nil)
      #expect(try result("heads").shifted == nil)
    }

    @Test(arguments: [UInt64(1), 2])
    func killedProcessesChangeNoByte(seed: UInt64) throws {
      let (data, whole) = (try Self.data.get(), try Self.whole.get())
      let cluster = try TestCluster()
      try cluster.start(workers: 2)
      let job = data.job("whole", Self.ensembles, rest: "fusion: stacking")
      try data.submit(job, to: cluster)
      let crashes = try cluster.crashProcesses(during: job, turns: 6, seed: seed)
      #expect(crashes >= 3, "seed \(seed): the job ended before it was disturbed")
      try cluster.expect(job, toEqual: whole, "seed \(seed)")
    }
  }
}
