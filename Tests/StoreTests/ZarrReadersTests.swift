import Foundation
import Store
import Testing

private let here = URL(filePath: #filePath).deletingLastPathComponent()

private func python(_ environment: String) -> URL {
  here.appending(path: "../../.python/\(environment)/bin/python")
}

private func exists(_ environment: String) -> Bool {
  FileManager.default.fileExists(atPath: python(environment).path)
}

/// Opens growing stores with the readers people use: zarr 2 with ArviZ, and zarr 3 with xarray.
@Suite struct ZarrReadersTests {
  @Test(.enabled(if: exists("zarr2"), "no .python/zarr2; run Scripts/setup --python"))
  func zarr2AndArviZReadEveryExtent() throws { try readEveryExtent(with: "zarr2", version: "2.") }

  @Test(.enabled(if: exists("zarr3"), "no .python/zarr3; run Scripts/setup --python"))
  func zarr3AndXarrayReadEveryExtent() throws { try readEveryExtent(with: "zarr3", version: "3.") }

  private func readEveryExtent(with environment: String, version: String) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "tributary-\(UUID().uuidString).zarr")
    defer { try? FileManager.default.removeItem(at: root) }
    let store = try ExampleStore()
    func check(_ extent: ZarrExtent, warmup: Int, evaluated: Bool) throws {
      let arguments = [extent.chains, extent.draws, warmup, evaluated ? 1 : 0].map(String.init)
      let output = try run(python(environment), [here.appending(path: "Readers/check.py").path, root.path] + arguments)
      #expect(output.hasPrefix("read \(version)"), "\(extent): \(output)")
    }

    try store.writeInitialFiles(to: root)
    try check(.empty, warmup: 0, evaluated: false)

    // Chains 0 and 1 have committed a segment; chain 2 has one that is not shown yet.
    for chain in [0, 1, 2] { try store.writeSegment(0, chain: chain, to: root) }
    let first = ZarrExtent(chains: 2, draws: 50)
    try store.publish(["draw": first], to: root)
    try check(first, warmup: 0, evaluated: false)

    for chain in 0..<4 { for segment in 0..<3 { try store.writeSegment(segment, chain: chain, to: root) } }
    try store.writeWarmup(to: root)
    let warmup = ZarrExtent(chains: 4, draws: 60)
    let second = ZarrExtent(chains: 4, draws: 100)
    try store.publish(["draw": second, "warmup": warmup], to: root)
    try check(second, warmup: 60, evaluated: false)

    try store.writeEvaluation(to: root)
    let whole = ZarrExtent(chains: 4, draws: 120)
    let extents = ["draw": whole, "warmup": warmup, "evaluation": whole]
    for file in store.layout.finalFiles(extents: extents) { try store.write(file.bytes, file.path, root) }
    try store.publish(extents, to: root)
    try check(whole, warmup: 60, evaluated: true)

    try FileManager.default.removeItem(at: root.appending(path: ZarrLayout.metadataPath))
    let script = "import sys, zarr; print(zarr.open_group(sys.argv[1], mode='r')['posterior/theta'].shape)"
    #expect(try run(python(environment), ["-c", script, root.path]) == "(4, 120, 3)\n")
  }

  private func run(_ executable: URL, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }
}
