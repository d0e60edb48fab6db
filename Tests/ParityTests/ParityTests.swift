import Foundation
import Formats
import Testing

/// Where the reference files lie: `DIFFUSION_PARITY`, or `diffusion-parity` inside `TRIBUTARY_DATA`.
private let parityFolder: URL? = {
  let environment = ProcessInfo.processInfo.environment
  if let path = environment["DIFFUSION_PARITY"] { return URL(filePath: path) }
  return environment["TRIBUTARY_DATA"].map { URL(filePath: $0).appending(path: "diffusion-parity") }
}()

/// Outputs of widely used implementations, reproduced. The files say what there is to check: nothing here knows a case.
@Suite struct ParityTests {
  @Test(.enabled(if: parityFolder != nil, "set DIFFUSION_PARITY or TRIBUTARY_DATA to a folder of reference files"))
  func everyCaseOfTheFolder() throws {
    let folder = try #require(parityFolder)
    let parity = try Parity(folder: folder) { print("parity: \($0)") }
    for result in parity.results where result.outcome == .failed { Issue.record("\(result.line)") }
    #expect(!parity.results.isEmpty)
  }

  @Test func aWrongValueFailsAndAnUnknownKindIsSkipped() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "parity-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var file = Safetensors()
    file["x"] = try Safetensors.Tensor([1.0, 3])
    try Data(file.encoded()).write(to: folder.appending(path: "x.safetensors"))
    func entry(_ kind: String) -> JSON {
      ["file": "x.safetensors", "kind": .string(kind), "tolerance": .number(1e-3)]
    }
    let manifest: JSON = ["files": .array(["right", "wrong", "empty", "absent", "unknown"].map(entry))]
    try Data(manifest.bytes).write(to: folder.appending(path: "MANIFEST.json"))
    let checkers = [
      ParityChecker(kind: "right") { _, comparison in try comparison.compare([1, 3.003], with: "x") },
      ParityChecker(kind: "wrong") { _, comparison in try comparison.compare([1, 3.005], with: "x") },
      ParityChecker(kind: "empty") { _, _ in },
      ParityChecker(kind: "absent") { _, _ in throw NotBuilt("Q-Net") },
    ]
    var lines: [String] = []
    let parity = try Parity(folder: folder, checkers: checkers) { lines.append($0) }
    #expect(parity.results.map(\.outcome) == [.passed, .failed, .failed, .skipped, .skipped])
    #expect(lines[1].contains("1.2e-03 of 1.0e-03 allowed, in x"))
    #expect(lines[3].contains("Q-Net is not built"))
    #expect(lines[4].contains("kind “unknown” is not built"))
    #expect(lines.last == "1 passed, 2 failed, 2 skipped")
  }
}
