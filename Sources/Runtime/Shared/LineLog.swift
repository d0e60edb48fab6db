import Foundation
import Glibc
import Logging

/// How a log is written: for people, or for programs.
public enum LogFormat: String, CaseIterable, Sendable {
  /// Time, level, message, then what it is about as `key=value`.
  case text
  /// A JSON object with `time`, `level` and `message`, and a member for each thing it is about.
  case json
}

/// A log of one line a message, on a file descriptor. What cannot be written is lost: a full disk must not end a process.
struct LineLog: LogHandler {
  var logLevel = Logger.Level.info
  var metadata = Logger.Metadata()
  private let file: FileHandle
  private let format: LogFormat

  init(to file: FileHandle, _ format: LogFormat) {
    self.file = file
    self.format = format
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let now = Date()
    let about = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
    let line =
      switch format {
      case .text: Self.text(now, event.level.rawValue, "\(event.message)", about)
      case .json: Self.json(now, event.level.rawValue, "\(event.message)", about)
      }
    let bytes = Array(line.utf8)
    // In one call, so that lines of several threads do not mix.
    _ = write(file.fileDescriptor, bytes, bytes.count)
  }

  private static func text(_ now: Date, _ level: String, _ message: String, _ about: [String: String]) -> String {
    let details = about.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    // Names and reasons come from other hosts: none of them may begin a line of its own.
    let time = now.formatted(.iso8601.time(includingFractionalSeconds: true))
    let line = "\(time) \(level) \(message)\(details)"
    return line.replacing(/[\p{Cc}\p{Zl}\p{Zp}]/) { $0.output == "\n" ? "\\n" : " " } + "\n"
  }

  private static func json(_ now: Date, _ level: String, _ message: String, _ about: [String: String]) -> String {
    let time = now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    let fields = about.merging(["time": time, "level": level, "message": message]) { $1 }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings always encode.
    return ((try? encoder.encode(fields)).map { String(decoding: $0, as: UTF8.self) } ?? "{}") + "\n"
  }
}

extension Logger {
  /// A logger to standard error.
  public static func toStandardError(_ label: String, level: Logger.Level = .info, format: LogFormat = .text) -> Logger
  {
    var logger = Logger(label: label) { _ in LineLog(to: .standardError, format) }
    logger.logLevel = level
    return logger
  }

  /// A logger that appends to a file.
  /// - Throws: `CommandError` if the file cannot be written.
  public static func toFile(_ path: String, label: String) throws(CommandError) -> Logger {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CommandError("\(path): cannot be written.", exitCode: 73) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return Logger(label: label) { _ in LineLog(to: file, .text) }
  }
}
