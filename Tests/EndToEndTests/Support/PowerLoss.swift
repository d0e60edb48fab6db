import TestSupport
import Foundation
import Glibc

/// What a disk holds after a loss of power: what was written to it, and nothing of what the kernel had still in memory.
enum PowerLoss {
  /// Copies the file of a mounted file system as a loss of power at this moment would leave it.
  ///
  /// The processes stand still meanwhile, and the copy counts only if nothing was written during it, so that it is the disk
  /// of one moment. A disk is assumed that keeps what it has been given, in the order in which it was given.
  static func copy(_ image: String, to copy: String, holding processes: [RunningProcess]) throws {
    for process in processes { process.signal(SIGSTOP) }
    defer { for process in processes { process.signal(SIGCONT) } }
    try eventually("processes that stand still") { processes.allSatisfy(\.standsStill) ? true : nil }
    try eventually("a moment in which nothing is written to \(image)") { () -> Bool? in
      let before = try lastWrite(to: image)
      // Times of files are only as fine as the kernel's clock tick.
      guard Date.now.timeIntervalSince(before) > 0.02 else { return nil }
      try? FileManager.default.removeItem(atPath: copy)
      let command = try RunningProcess(["cp", "--sparse=always", image, copy], output: "\(copy).log")
      guard try command.end() == 0 else { throw TestError("cp: \(command.output)") }
      return try lastWrite(to: image) == before ? true : nil
    }
  }

  private static func lastWrite(to file: String) throws -> Date {
    var status = stat()
    guard stat(file, &status) == 0 else { throw TestError("\(file): \(String(cString: strerror(errno)))") }
    return Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
  }
}

extension RunningProcess {
  /// Whether every thread is stopped: one that waits for the disk stops when it has been served.
  fileprivate var standsStill: Bool {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    return threads.allSatisfy { thread in
      let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/stat", encoding: .utf8)) ?? ""
      return text.split(separator: ")").last?.split(separator: " ").first == "T"
    }
  }
}
