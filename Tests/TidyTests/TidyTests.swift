import Foundation
import Testing

/// The habits of this project that a program can check.
struct TidyTests {
  /// Which of our modules each module may import. The halves meet in Workloads and nowhere else.
  private static let imports: [String: Set<String>] = [
    "Uncertainty": [], "Formats": ["CImages", "CZlib"], "Specification": ["Formats"],
    "Datasets": ["Formats", "Specification"],
    "Scheduling": [], "Simulation": ["Scheduling", "Store"], "simulate": ["Simulation"],
    "Messaging": ["CZeroMQ", "Formats"], "Store": ["Formats"], "Telemetry": [],
    "Runtime": ["Messaging", "Scheduling", "Specification", "Store", "Telemetry"],
    "Report": ["Formats", "Specification", "Store"],
    "tributary": ["Datasets", "Formats", "Messaging", "Report", "Runtime", "Specification", "Store"],
    "Tensors": ["CKernels", "CTorch"], "Networks": ["CSentencePiece", "Formats", "Specification", "Tensors"],
    "Diffusion": ["Specification", "Tensors"],
    "Posterior": ["CKernels", "Formats", "Networks", "Specification", "Tensors", "Uncertainty"],
    "ImageMetrics": ["Formats", "Networks", "Tensors"],
    "Training": ["Formats", "Networks", "Specification", "Tensors"],
    "Workloads": [
      "Datasets", "Diffusion", "Formats", "ImageMetrics", "Networks", "Posterior", "Runtime", "Specification", "Store",
      "Tensors", "Training", "Uncertainty",
    ],
    "tributary-worker": ["Runtime", "Scheduling", "Specification", "Workloads"],
  ]

  /// Modules whose results depend on their arguments alone: no clock, no random source.
  private static let pure = [
    "Formats", "Specification", "Datasets", "Scheduling", "Simulation", "Tensors", "Networks", "Diffusion",
    "ImageMetrics", "Posterior", "Report", "Training", "Uncertainty",
  ]

  private static let impure = [
    "Date()", "UUID()", ".random(", "SystemRandom", "ContinuousClock", "clock_gettime", "Hasher",
  ]
  private static let banned = ["try!", "as!", "fatalError(", "MARK:", "TODO", "FIXME", "print(\"DEBUG"]

  /// A source file.
  private struct Source {
    let module: String
    let name: String
    let lines: [Substring]
  }

  private static let sources: [Source] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
    let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    let files = (all?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    return files.compactMap { file in
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
      let path = file.path.dropFirst(root.path.count + 1)
      return Source(
        module: String(path.prefix { $0 != "/" }), name: String(path),
        lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }.sorted { $0.name < $1.name }
  }()

  @Test func modulesImportWhatTheMapAllows() throws {
    #expect(Self.sources.count > 100)
    let ours = Set(Self.imports.keys).union(["CImages", "CKernels", "CSentencePiece", "CTorch", "CZeroMQ", "CZlib"])
    for source in Self.sources where source.module != "Benchmarks" {
      let allowed = try #require(Self.imports[source.module], "\(source.module) is not on the map of modules")
      for line in source.lines where line.hasPrefix("import ") || line.hasPrefix("internal import ") {
        let module = line.split(separator: " ").last.map(String.init) ?? ""
        #expect(!ours.contains(module) || allowed.contains(module), "\(source.name) imports \(module)")
      }
    }
  }

  @Test func pureModulesHaveNoClockAndNoChance() {
    for source in Self.sources where Self.pure.contains(source.module) {
      for (number, line) in zip(1..., source.lines) where !line.contains("///") {
        for word in Self.impure { #expect(!line.contains(word), "\(source.name):\(number) uses \(word)") }
      }
    }
  }

  @Test func nothingTrapsAndNothingIsLeftForLater() {
    for source in Self.sources {
      #expect(
        source.lines.count <= 300, "\(source.name) has \(source.lines.count) lines: could each idea live in a file?")
      for (number, line) in zip(1..., source.lines) {
        for word in Self.banned { #expect(!line.contains(word), "\(source.name):\(number) has \(word)") }
        // At the C borders only, each with a sentence saying why it holds.
        guard line.contains("@unchecked Sendable") else { continue }
        #expect(["Messaging", "Tensors", "Networks"].contains(source.module), "\(source.name):\(number)")
        #expect(line.contains("//"), "\(source.name):\(number) does not say why")
      }
    }
  }
}
