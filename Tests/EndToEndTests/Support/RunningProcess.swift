import Foundation
import Glibc
import TestSupport

/// A process of a test, with all that it prints in a file; it is killed with its owner.
final class RunningProcess {
  let pid: pid_t
  /// What the process has printed, on both streams.
  let outputPath: String
  private var status: Int32?

  /// Starts a program, which is looked up in PATH unless it is a path.
  /// - Parameter blocked: A signal that the process finds blocked; all others are not, as under a shell.
  init(_ command: [String], output: String, blocked: Int32? = nil) throws {
    outputPath = output
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    if let blocked { sigaddset(&signals, blocked) }
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let number = posix_spawnp(&pid, command[0], &files, &attributes, &arguments, environ)
    guard number == 0 else { throw TestError("\(command[0]): \(String(cString: strerror(number)))") }
    self.pid = pid
  }

  deinit {
    guard isRunning else { return }
    signal(SIGKILL)
    var ignored: Int32 = 0
    waitpid(pid, &ignored, 0)
  }

  var isRunning: Bool { exitCode == nil }

  /// What the process ended with, 128 + the signal if one killed it; nil while it runs.
  var exitCode: Int32? {
    if status == nil {
      var found: Int32 = 0
      if waitpid(pid, &found, WNOHANG) == pid { status = found }
    }
    return status.map { $0 & 0x7f == 0 ? $0 >> 8 & 0xff : 128 + $0 & 0x7f }
  }

  func signal(_ number: Int32) { Glibc.kill(pid, number) }

  /// Ends the process as a crash would, and waits until it is gone.
  func crash() {
    guard isRunning else { return }
    signal(SIGKILL)
    var found: Int32 = 0
    if waitpid(pid, &found, 0) == pid { status = found }
  }

  /// Waits for the process to end by itself.
  @discardableResult
  func end(within limit: Duration = .seconds(30)) throws -> Int32 {
    try eventually("the end of process \(pid), which said: \(self.output)", within: limit) { exitCode }
  }

  var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

  /// Waits until the process has printed a text.
  func prints(_ text: String, within limit: Duration = .seconds(30)) throws {
    try eventually("\"\(text)\" in the output of \(pid), which is: \(self.output)", within: limit) {
      output.contains(text) ? true : nil
    }
  }

  /// The most physical memory the process has had, in kilobytes.
  var peakKilobytes: Int {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
  }

  /// Descriptors the process has open.
  var descriptorCount: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd"))?.count ?? 0 }

  /// Physical memory of the process, in bytes.
  var residentBytes: Int {
    let pages = (try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return (pages.count > 1 ? Int(pages[1]) ?? 0 : 0) * Int(getpagesize())
  }
}
