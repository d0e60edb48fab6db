import Foundation
import Fuzzing
import Runtime
import Testing

/// No bytes crash or hang what decodes them, or make it grow (G6, G9). `Scripts/fuzz` searches for such bytes; what it has
/// found stands in the corpus.
@Suite struct FuzzTests {
  /// Inputs for each target in these tests; some seconds for all.
  private static let mutationsMax = ProcessInfo.processInfo.environment["TRIBUTARY_MUTATIONS"].flatMap(Int.init) ?? 4000
  private static let growthMax = 256 << 20

  @Test(.timeLimit(.minutes(2)), arguments: FuzzTarget.all.map(\.name))
  func theCorpusIsTaken(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    var outcomes: [FuzzTarget.Outcome] = []
    for seed in try target.seeds() {
      do {
        outcomes.append(try target.take(seed))
      } catch {
        Issue.record("\(error)\n\(Corpus.line(of: seed).prefix(2000))")
      }
    }
    #expect(outcomes.contains(.accepted), "no input of the corpus is accepted")
    #expect(outcomes.contains(.refused), "no input of the corpus is refused")
  }

  @Test(.timeLimit(.minutes(2)), arguments: FuzzTarget.all.map(\.name))
  func mutationsAreTaken(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let before = peakBytes
    var mutator = try Mutator(target, seed: 2026)
    for _ in 0..<Self.mutationsMax {
      let input = mutator.next()
      do {
        _ = try target.take(input)
      } catch {
        Issue.record("\(error)\nfor the corpus: \(Corpus.line(of: input))")
        return
      }
    }
    #expect(peakBytes - before < Self.growthMax)
  }

  @Test func everyBodyOfTheProtocolIsATarget() throws {
    let folder = URL(filePath: #filePath).appending(path: "../../../Sources/Runtime/Protocol").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let bodies = try files.reduce(0) {
      $0 + (try String(contentsOf: $1, encoding: .utf8)).split(separator: ": MessageBody {").count - 1
    }
    #expect(bodies == messageBodies.count, "a body is missing from messageBodies")
  }

  /// The most memory this process has had.
  private var peakBytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
  }
}
