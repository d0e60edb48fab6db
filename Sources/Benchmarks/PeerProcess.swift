import Foundation

/// A Python process that does some work when asked and answers with the seconds it took, so that peers take turns with us.
final class PeerProcess {
  let name: String
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())

  /// Starts a script of `Peers` with its arguments, of which a peer's name is the first, and waits until it is ready; nil if
  /// the environment of `Scripts/bench --peers` is not installed.
  init?(_ script: String, _ arguments: [String], environment: String) throws {
    let python = URL(fileURLWithPath: ".python/\(environment)/bin/python")
    guard FileManager.default.fileExists(atPath: python.path) else { return nil }
    name = arguments.joined(separator: " ")
    process.executableURL = python
    process.arguments = ["-W", "ignore", "Sources/Benchmarks/Peers/\(script)"] + arguments
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    _ = try answer()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Processor seconds that the work of a line took.
  func ask(_ what: String) throws -> Double {
    try begin(what)
    return try finish()
  }

  /// Has the peer begin the work of a line, beside others.
  func begin(_ what: String) throws { try input.fileHandleForWriting.write(contentsOf: Data("\(what)\n".utf8)) }

  /// Waits for the end of the work that was begun; its processor seconds.
  func finish() throws -> Double { try numbers()[0] }

  /// What comes of the work of a line: its seconds, and the numbers that the script says.
  func numbers(for what: String) throws -> [Double] {
    try begin(what)
    return try numbers()
  }

  private func numbers() throws -> [Double] {
    let words = try answer().split(separator: " ")
    let numbers = words.compactMap { Double($0) }
    guard !numbers.isEmpty, numbers.count == words.count else { throw Stopped(name: name) }
    return numbers
  }

  private func answer() throws -> String {
    var line: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
      line.append(byte)
    }
    guard !line.isEmpty else { throw Stopped(name: name) }
    return String(decoding: line, as: UTF8.self)
  }

  /// A peer that ended.
  struct Stopped: Error { let name: String }
}
