import Foundation

/// A Python process that trains the same U-Net, or its own of the same size, one step when asked.
final class UNetPeer {
  /// Peers by name: the environment of `Scripts/bench --peers`, and multiplications and additions of its network for one
  /// image and step, by PyTorch's counter.
  static let all: [(name: String, environment: String, flops: Double)] = [
    ("diffusers", "diffusers", 13.30e9), ("diffusers-channels-last", "diffusers", 13.30e9),
    ("ddp", "peers", 9.20e9), ("ddp-channels-last", "peers", 9.20e9),
  ]

  let name: String
  let flops: Double
  /// Processor seconds of each step of training and each pass of sampling.
  private(set) var (steps, passes) = ([Double](), [Double]())
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())

  /// Starts a peer; nil if its environment is not installed.
  init?(_ name: String, environment: String, flops: Double) throws {
    let python = URL(fileURLWithPath: ".python/\(environment)/bin/python")
    guard FileManager.default.fileExists(atPath: python.path) else { return nil }
    (self.name, self.flops) = (name, flops)
    process.executableURL = python
    process.arguments = ["-W", "ignore", "Sources/Benchmarks/Peers/unet_peer.py", name]
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    _ = try answer()
    _ = try ask("train")
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// One step of training and one pass of sampling.
  func measure() throws {
    steps.append(try ask("train"))
    passes.append(try ask("sample"))
  }

  private func ask(_ what: String) throws -> Double {
    try input.fileHandleForWriting.write(contentsOf: Data("\(what)\n".utf8))
    guard let seconds = Double(try answer()) else { throw Stopped(name: name) }
    return seconds
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
