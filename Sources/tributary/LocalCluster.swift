import Dispatch
import Foundation
import Glibc
import Logging
import Runtime
import Specification
import Store
import Synchronization

/// A coordinator on a thread of this process and workers as its children, all on loopback.
final class LocalCluster {
  /// Where the coordinator listens.
  let endpoint: String
  /// Folder with a log file of each process.
  let logFolder: String
  private let stopSignal: StopSignal
  private let coordinator: CoordinatorThread
  private var workers: [Process] = []

  /// Starts everything; the workers offer what the job needs, as it is this machine that shall run it.
  /// - Throws: `StoreError`, `MessagingError`, or `CommandError` if the worker program is missing.
  init(store: String, workers count: Int, offering needs: Needs, workerProgram: String?) throws {
    let program = workerProgram ?? Self.programBesideThis("tributary-worker")
    guard access(program, X_OK) == 0 else {
      throw CommandError("\(program) is not there. Build it, or name it with --worker-program.", exitCode: 66)
    }
    logFolder = "\(store)/logs"
    try DurableFile.makeFolder(logFolder)
    stopSignal = try StopSignal()
    coordinator = try CoordinatorThread(store: store, log: "\(logFolder)/coordinator.log", stopSignal: stopSignal)
    endpoint = coordinator.endpoint
    for number in 1...count { workers.append(try startWorker(number, offering: needs, program)) }
  }

  /// Why nothing can go on, if so: the coordinator has ended, or all workers have.
  var failure: (any Error)? {
    if let failure = coordinator.failure { return failure }
    guard !workers.contains(where: \.isRunning) else { return nil }
    return CommandError(
      "All workers have ended; \(logFolder) says why. Run the same command again and the job goes on.", exitCode: 70)
  }

  /// Ends the workers, then the coordinator; leases are handed back on the way.
  func stop() {
    for worker in workers where worker.isRunning { worker.terminate() }
    for worker in workers { worker.waitUntilExit() }
    stopSignal.request()
    coordinator.wait()
  }

  private func startWorker(_ number: Int, offering needs: Needs, _ program: String) throws -> Process {
    let log = "\(logFolder)/worker-\(number).log"
    let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CommandError("\(log): cannot be written.", exitCode: 73) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments =
      ["--connect", endpoint, "--exit-with-parent", "--cores", "\(needs.cores)", "--memory", "\(needs.memory)"]
      + ["--device", needs.device ?? "cpu"] + needs.labels.flatMap { ["--label", $0] }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    process.standardError = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try process.run()
    return process
  }

  private static func programBesideThis(_ name: String) -> String {
    let this =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: this).deletingLastPathComponent().appendingPathComponent(name).path
  }
}

/// The thread that a coordinator lives on.
private final class CoordinatorThread: Sendable {
  let endpoint: String
  private let ended = DispatchSemaphore(value: 0)
  private let result: Outcome

  /// What the thread tells about itself.
  private final class Outcome: Sendable {
    let endpoint = Mutex<String?>(nil)
    let failure = Mutex<(any Error)?>(nil)
    let started = DispatchSemaphore(value: 0)
  }

  init(store: String, log: String, stopSignal: StopSignal) throws {
    let result = Outcome()
    let ended = ended
    let thread = Thread {
      do {
        let logger = try Logger.toFile(log, label: "coordinator")
        let configuration = Coordinator.Configuration(endpoint: "tcp://127.0.0.1:*", storePath: store)
        let coordinator = try Coordinator(configuration, stopSignal: stopSignal, logger: logger)
        let endpoint = try coordinator.endpoint
        result.endpoint.withLock { $0 = endpoint }
        result.started.signal()
        try coordinator.run()
      } catch {
        result.failure.withLock { $0 = error }
        result.started.signal()
      }
      ended.signal()
    }
    thread.name = "coordinator"
    thread.start()
    result.started.wait()
    if let failure = result.failure.withLock({ $0 }) { throw failure }
    self.result = result
    endpoint = result.endpoint.withLock { $0 } ?? ""
  }

  var failure: (any Error)? { result.failure.withLock { $0 } }

  func wait() { ended.wait() }
}
