import Foundation

/// What a run of torture says: a line for whatever happens, as it happens.
final class TortureReport {
  private let start = ContinuousClock.now
  private let file: FileHandle

  /// - Parameter path: An existing file that lines are added to; standard output if absent.
  init(path: String?) throws {
    file = try path.map { try FileHandle(forWritingTo: URL(filePath: $0)) } ?? .standardOutput
    if path != nil { try file.seekToEnd() }
  }

  func title(_ text: String) { say(text) }

  func line(_ what: String, _ whom: String, _ how: String) {
    let seconds = Int((ContinuousClock.now - start) / .seconds(1))
    let time = String(format: "%3d:%02d", seconds / 60, seconds % 60)
    say("\(time)  \(what.padded(to: 12))  \(whom.padded(to: 16))  \(how)")
  }

  func fault(_ fault: FaultPlan.Fault) {
    line(
      fault.kind.name, fault.target.name,
      fault.end > fault.start ? String(format: "%.1f s", fault.end - fault.start) : "")
  }

  func jobs(_ stream: JobStream.State) {
    let running = stream.summaries.filter { $0.state == "running" }
    let ended = stream.summaries.count - running.count
    line("jobs", "\(ended) ended", running.map { "\($0.name) \($0.completed)/\($0.total)" }.joined(separator: ", "))
  }

  func table(_ counts: [(name: String, count: Int)]) {
    say("")
    for (name, count) in counts { say("\(name.padded(to: 12))  \(String(format: "%5d", count))") }
    say("\("faults".padded(to: 12))  \(String(format: "%5d", counts.reduce(0) { $0 + $1.count }))")
    say("")
  }

  func verdict(_ wrongs: [String]) {
    for wrong in wrongs { line("wrong", "", wrong) }
    line("verdict", wrongs.isEmpty ? "clean" : "FAILED", wrongs.isEmpty ? "every byte as in the undisturbed run" : "")
  }

  private func say(_ line: String) {
    var text = line
    while text.hasSuffix(" ") { text.removeLast() }
    try? file.write(contentsOf: Data("\(text)\n".utf8))
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
