import Foundation
import Glibc
import Runtime

/// Work that did not end as it should.
struct Stopped: Error { let what: String }

extension Cluster {
  /// Submits a job as a user does, and waits for its end.
  func run(_ path: String, _ job: String, _ client: Client, every seconds: Double) throws {
    let keys = ["--secret-key", "\(folder)/client.secret", "--server-key", "\(folder)/coordinator.key"]
    let submission = try start("tributary", ["submit", path, "--connect", endpoint] + keys)
    submission.waitUntilExit()
    guard submission.terminationStatus == 0 else { throw Stopped(what: "tributary submit") }
    try wait(upTo: 3600, every: seconds) { try client.status(of: job).summary.state != "running" }
    guard try client.status(of: job).summary.state == "completed" else { throw Stopped(what: job) }
  }
}

/// When a file of a job was written by a worker, in seconds since 1970; publication does not change it.
func secondsWritten(_ path: String) throws -> Double {
  var status = stat()
  guard stat(path, &status) == 0 else { throw Stopped(what: "before \(path) was written, the job") }
  return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
}

/// Starts the benchmarks' program again with each of some command lines, all at the same time.
/// - Returns: The seconds that each prints.
func secondsAlone(_ commands: [[String]]) throws -> [Double] {
  let processes = try commands.map { arguments in
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    return (process, output)
  }
  return try processes.map { process, output in
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0, let seconds = text.split(separator: "\n").first.flatMap({ Double($0) }) else {
      throw Stopped(what: "a process on its own")
    }
    return seconds
  }
}
