import Dispatch
import Foundation
import Glibc
import Logging
import Messaging
import Scheduling
import Specification
import Store
import Synchronization
import Telemetry

/// How our processes end: with a message that says what to do, and a code that means something (sysexits.h).
public enum ProcessEnd {
  /// Runs a command's work; an error is reported in one line on standard error, and ends the process.
  public static func reporting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error where code(for: error) != nil {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(code(for: error) ?? EXIT_FAILURE)
    }
  }

  /// The exit code that says what kind of error it was; nil for those that are not ours to report.
  static func code(for error: any Error) -> Int32? {
    switch error {
    case is SpecificationError: 65
    case let error as StoreError: error.code == .missing ? 66 : error.code == .full ? 74 : 73
    case let error as MessagingError: error.code == .addressInUse ? 69 : 78
    case let error as TelemetryError: error.isInUse ? 69 : 78
    case let error as ClientError: exitCode(of: error)
    case let error as WorkerRefused: ["key": 77, "role": 77, "revoked": 77, "version": 76][error.code] ?? 75
    case let error as CommandError: error.exitCode
    default: nil
    }
  }
}

extension ProcessEnd {
  private static func exitCode(of error: ClientError) -> Int32 {
    switch error.code {
    case .missing: 66
    case .noAnswer: 69
    case .otherVersion: 76
    case .notAllowed: 77
    default: 75
    }
  }
}

/// A command that did what it could and has to say no.
public struct CommandError: Error, CustomStringConvertible {
  public let description: String
  /// What the process ends with.
  public let exitCode: Int32

  public init(_ description: String, exitCode: Int32) {
    self.description = description
    self.exitCode = exitCode
  }
}

/// Turns SIGTERM and SIGINT into a calm end; another one, later than ``oneRequestSeconds``, ends the process at once.
public struct TerminationSignals {
  /// Signals closer together than this, in seconds, are one request: who stops a group of processes often asks each of
  /// them and then their parent, which passes it on.
  private static let oneRequestSeconds = 0.5

  private let sources: [any DispatchSourceSignal]

  /// Starts to listen for the signals.
  public init(requesting stopSignal: StopSignal) {
    let firstSignal = FirstSignal()
    sources = [SIGTERM, SIGINT].map { number in
      // Not ignored first: until libdispatch takes the signal over, one that comes must end the process, not get lost.
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        let now = MonotonicClock.now
        let insists = now >= firstSignal.time(orNow: now).advanced(bySeconds: Self.oneRequestSeconds)
        // Not exit(3): it destroys what the computing threads still use, and their tasks would seem to fail.
        if insists { _exit(128 + number) }
        stopSignal.request()
      }
      source.resume()
      return source
    }
  }

  /// Stops listening.
  public func ignore() { for source in sources { source.cancel() } }
}

/// When the first signal came, for handlers that may run at the same time.
private final class FirstSignal: Sendable {
  private let time = Mutex<Instant?>(nil)

  func time(orNow now: Instant) -> Instant {
    time.withLock { time in
      let first = time ?? now
      time = first
      return first
    }
  }
}
