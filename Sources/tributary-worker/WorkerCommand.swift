import ArgumentParser
import Foundation
import Logging
import Runtime
import Workloads

@main
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary-worker",
    abstract: "Runs tasks for a coordinator.",
    discussion: """
      Connects to a coordinator, again and again if it must, and runs what it is given until it gets SIGTERM or SIGINT. \
      Then it finishes the segment it is working on, hands the rest back, and ends.

      Exit codes: 0 asked to end, 64 wrong usage, 76 the coordinator speaks another version, 77 it does not accept this \
      worker's key.
      """)

  @Option(help: "Address of the coordinator, such as tcp://10.0.0.1:5555.")
  var connect: String

  @Option(help: "Tasks to work on at the same time.")
  var slots = 1

  @Option(help: "Threads of the numerical library in each task. Results are the same bytes only for the same number.")
  var threads = 1

  @Option(help: "Name of this worker; unique among all workers.")
  var name: String?

  @Option(help: "Folder for blobs where the store is not a shared folder.", completion: .directory)
  var cache = "\(NSTemporaryDirectory())tributary-cache"

  @Option(help: "File with this worker's secret key.", completion: .file())
  var secretKey: String?

  @Option(help: "File with the coordinator's public key.", completion: .file())
  var serverKey: String?

  @Flag(help: "End when the parent process is gone.")
  var exitWithParent = false

  @Flag(help: "Log what is of interest to developers, too.")
  var verbose = false

  func validate() throws {
    guard (1...256).contains(slots) else { throw ValidationError("--slots must be from 1 to 256.") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be from 1 to 256.") }
  }

  func run() throws {
    let logger = Logger.toStandardError("worker", isVerbose: verbose)
    var configuration = WorkerProcess.Configuration(endpoint: connect, cachePath: cache)
    configuration.slots = slots
    configuration.name = name
    configuration.secretKeyFile = secretKey
    configuration.serverKeyFile = serverKey
    configuration.exitsWithParent = exitWithParent
    try ProcessEnd.reporting {
      let stopSignal = try StopSignal()
      let signals = TerminationSignals(requesting: stopSignal)
      defer { signals.ignore() }
      let workshop = try Workshop.complete(threads: threads)
      try WorkerProcess(configuration, workshop: workshop, stopSignal: stopSignal, logger: logger).run()
    }
  }
}
