import Foundation
import Glibc
import Logging

/// A log of one line a message: time, level, message, then what it is about.
struct LineLog: LogHandler {
  var logLevel = Logger.Level.info
  var metadata = Logger.Metadata()
  private let file: FileHandle

  init(to file: FileHandle) { self.file = file }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
    let about = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let details = about.map { " \($0.key)=\($0.value)" }.joined()
    file.write(Data("\(time) \(event.level.rawValue) \(event.message)\(details)\n".utf8))
  }
}

extension Logger {
  /// A logger to standard error.
  public static func toStandardError(_ label: String, isVerbose: Bool) -> Logger {
    var logger = Logger(label: label) { _ in LineLog(to: .standardError) }
    logger.logLevel = isVerbose ? .debug : .info
    return logger
  }

  /// A logger that appends to a file.
  /// - Throws: `CommandError` if the file cannot be written.
  public static func toFile(_ path: String, label: String) throws(CommandError) -> Logger {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CommandError("\(path): cannot be written.", exitCode: 73) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return Logger(label: label) { _ in LineLog(to: file) }
  }
}
