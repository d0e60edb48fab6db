import Formats
import Foundation
import Specification
import TestSupport
import Testing

extension EndToEndTests {
  /// Networks that ask for labels ask for the same ones however often they were disturbed.
  @Suite struct AcquisitionTests {
    private static let rest = """
      network: {type: lenet5, width: 0.5, dropout: 0.2}
      training: {epochs: 300, batch: 8, optimizer: {type: adamW, rate: 2e-3}}
      method: {type: deep, members: 3}
      labels: {first: 4, step: 6, last: 20}
      coldness: greedy
      pool: 100
      repeats: 2
      """
    private static let data = Result { try TinyEnsembles() }
    private static let whole = Result {
      let cluster = try TestCluster()
      try cluster.start(workers: 2)
      let job = try data.get().acquisition("whole", rest)
      try data.get().submit(job, to: cluster)
      return try cluster.results(of: job)
    }

    /// The lines of a run's labels without their head: round, input, label, score.
    private func labels(_ run: String) throws -> [[Substring]] {
      let table = try #require(try Self.whole.get().files["runs/\(run)/labels.csv"])
      return String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    }

    @Test func eachStrategyAsksForItsOwnLabels() throws {
      let files = try Self.whole.get().files
      let result = try AcquisitionResult(json: try #require(files[AcquisitionResult.fileName]))
      #expect(result.strategies.map(\.name) == ["epistemic", "total", "random"])
      #expect(result.functions == 3 && result.repeats == 2 && result.pool == 240 && result.inputs == 60)
      for strategy in result.strategies {
        #expect(strategy.points.map(\.labels) == [4, 10, 16, 20])
        // Runs of a repeat begin with the same labels and the same networks.
        #expect(strategy.points[0].accuracy == result.strategies[2].points[0].accuracy)
        #expect(strategy.points[0].gain == (strategy.name == "random" ? nil : Measured(mean: 0, error: 0)))
        #expect((strategy.points[3].gain == nil) == (strategy.name == "random"))
        #expect(strategy.points[3].accuracy.mean > 0.7, "\(strategy.name): \(strategy.points[3].accuracy)")
        for number in 0..<2 { try check("\(strategy.name)-\(number)", likeRandom: "random-\(number)") }
      }
      // The largest score comes first, and is never above the entropy of four equal classes.
      for run in ["epistemic-0", "total-1"] {
        let scores: [Double] = try labels(run)[4..<10].compactMap { Double($0[3]) }
        #expect(scores.count == 6 && scores == scores.sorted(by: >))
        #expect((scores.first ?? 9) <= log(4.0) + 1e-9)
      }
      #expect(try labels("epistemic-0") != labels("total-0") && labels("total-0") != labels("random-0"))
      #expect(try labels("random-0") != labels("random-1"))
    }

    /// Each label is asked for once, is the true one, and is known in the rounds after.
    private func check(_ run: String, likeRandom other: String) throws {
      let lines = try labels(run)
      let rounds = lines.map { String($0[0]) }
      #expect(rounds == "00001111112222223333".map { String($0) })
      #expect(Set(lines.map { $0[1] }).count == 20, "\(run) asked for a label twice")
      for line in lines {
        let input = try #require(Int(line[1]))
        #expect(line[2] == "\(input % TinyEnsembles.classes)")
      }
      let first: [[Substring]] = Array(lines.prefix(4))
      let others: [[Substring]] = Array(try labels(other).prefix(4))
      #expect(first == others)
      let file = try #require(try Self.whole.get().files["runs/\(run)/rounds.jsonl"])
      let known = try AcquisitionRound.rounds(file).map { $0.classes.reduce(0, +) }
      #expect(known == [4, 10, 16, 20])
    }

    @Test func killedProcessesChangeNoByte() throws {
      let (data, whole) = (try Self.data.get(), try Self.whole.get())
      let cluster = try TestCluster()
      try cluster.start(workers: 2)
      let job = data.acquisition("whole", Self.rest)
      try data.submit(job, to: cluster)
      let crashes = try cluster.crashProcesses(during: job, turns: 6, seed: 5)
      #expect(crashes >= 3, "the job ended before it was disturbed")
      try cluster.expect(job, toEqual: whole)
    }

    @Test func fewerPicturesThanLabelsAreRefusedBeforeTheyAreSent() throws {
      let data = try Self.data.get()
      let job = data.acquisition("few", "network: {type: lenet5}\nlabels: {last: 241}")
      let file = try data.folder.write(job.yaml, as: "few.yaml")
      let process = try RunningProcess([Programs.tributary, "validate", file], output: "\(data.folder.path)/few.log")
      #expect(
        try process.end() == 65 && process.output.contains("240 pictures have not 241 labels"), "\(process.output)")
    }
  }
}
