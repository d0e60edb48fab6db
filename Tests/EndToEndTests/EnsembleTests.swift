import Foundation
import Formats
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
      "{name: boat, data: yacht, network: {type: mlp, hidden: [16]}, method: {type: deep, members: 2}, training: {epochs: 40, batch: 16, optimizer: {type: adamW, rate: 1e-2}}}",
      "{name: evidence, data: yacht, network: {type: mlp, hidden: [16]}, method: {type: evidential}, training: {epochs: 40, batch: 16, optimizer: {type: adamW, rate: 1e-2}}}",
      "{name: pupils, data: bars, network: {type: mlp, hidden: [16, 16]}, method: {type: partial, members: 2, trunk: 1}, training: {epochs: 6, batch: 24, pseudoLabels: {from: deep, data: pale, share: 0.25}}, shifted: [pale]}",
      "{name: tail, data: rare, network: {type: mlp, hidden: [16], dropout: 0.2}, method: {type: dropout, draws: 4}, training: {epochs: 20, batch: 12}}",
      "{name: weighed, data: rare, network: {type: mlp, hidden: [16]}, training: {epochs: 20, batch: 12, weights: {by: epistemic, from: tail}}}",
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
          #expect(numbers.rmse < 6, "\(one.name): \(numbers.rmse)")
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
