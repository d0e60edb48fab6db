import Dispatch
import Foundation
import Simulation
import Synchronization

/// What a number of simulations came to.
struct Tally: Codable {
  var seeds = 0
  var seconds = 0.0
  var events = 0
  var faults = 0
  var commits = 0

  mutating func add(_ other: Tally) {
    seeds += other.seeds
    seconds += other.seconds
    events += other.events
    faults += other.faults
    commits += other.commits
  }
}

/// What a process that has a share of the seeds tells the one that started it, as a line of JSON.
private enum News: Codable {
  /// It begins with a seed, which tells which one it was if it dies.
  case begun(UInt64)
  case failed(UInt64)
  case done(Tally)
}

/// The seeds of one process, one after the other up to the first that fails.
struct Share {
  let first: UInt64
  let end: UInt64
  let stride: UInt64
  let mutant: Mutant

  func run() throws {
    var tally = Tally()
    for seed in Swift.stride(from: first, to: end, by: Int(stride)) {
      try tell(.begun(seed))
      let verdict = Simulation(seed: seed, mutant: mutant).run()
      tally.add(
        Tally(
          seeds: 1, seconds: verdict.seconds, events: verdict.events, faults: verdict.faults, commits: verdict.commits))
      if verdict.failure != nil {
        try tell(.failed(seed))
        break
      }
    }
    try tell(.done(tally))
  }

  private func tell(_ news: News) throws {
    FileHandle.standardOutput.write(try JSONEncoder().encode(news) + Data("\n".utf8))
  }
}

/// A seed that did not end well.
struct Finding {
  let seed: UInt64
  let isCrash: Bool
}

/// Processes that share the seeds: a crash takes one of them with it, and is seen as what it is.
struct Shares {
  let arguments: [[String]]

  func run() throws -> (Tally, [Finding]) {
    let processes = try arguments.map { arguments in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      process.arguments = arguments
      process.standardOutput = Pipe()
      try process.run()
      return process
    }
    let results = Mutex((total: Tally(), findings: [Finding]()))
    DispatchQueue.concurrentPerform(iterations: processes.count) { position in
      let process = processes[position]
      var current: UInt64?
      for news in Self.news(from: process) {
        switch news {
        case .begun(let seed): current = seed
        case .failed(let seed):
          results.withLock { $0.findings.append(Finding(seed: seed, isCrash: false)) }
          for other in processes where other !== process { other.terminate() }
        case .done(let tally): results.withLock { $0.total.add(tally) }
        }
      }
      process.waitUntilExit()
      guard process.terminationStatus != 0, process.terminationStatus != SIGTERM, let seed = current else { return }
      results.withLock { $0.findings.append(Finding(seed: seed, isCrash: true)) }
      for other in processes where other !== process { other.terminate() }
    }
    return results.withLock { ($0.total, $0.findings) }
  }

  /// What a process tells, as it comes.
  private static func news(from process: Process) -> AnyIterator<News> {
    let output = (process.standardOutput as? Pipe)?.fileHandleForReading
    var bytes = Data()
    return AnyIterator {
      while true {
        if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
          defer { bytes.removeSubrange(...end) }
          return try? JSONDecoder().decode(News.self, from: bytes[..<end])
        }
        guard let more = output?.availableData, !more.isEmpty else { return nil }
        bytes += more
      }
    }
  }
}
