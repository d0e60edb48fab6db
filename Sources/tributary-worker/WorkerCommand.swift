import ArgumentParser
import Foundation
import Glibc
import Logging
import Runtime
import Scheduling
import Specification
import Workloads

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}

@main
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary-worker",
    abstract: "Runs tasks for a coordinator.",
    discussion: """
      Connects to a coordinator, again and again if it must, and runs what it is given until it gets SIGTERM or SIGINT. \
      Then its tasks pause where they are or come to their next commit, go back to the coordinator, and it ends, within \
      --grace.

      Exit codes: 0 asked to end or at the end of its lifetime, 64 wrong usage, 75 refused, 76 the coordinator speaks another \
      version, 77 it does not accept this worker's key.
      """)

  @Option(help: "Address of the coordinator, such as tcp://10.0.0.1:5555.")
  var connect: String

  @Option(help: "Tasks to work on at the same time.")
  var slots = 1

  @Option(help: "Cores for each task. A task that needs fewer uses fewer.")
  var cores = 1

  @Option(help: "Memory for each task, such as 8GiB; by default the host's, divided by the slots.")
  var memory: ByteCount?

  @Option(help: "Kind of processor that computes.")
  var device = "cpu"

  @Option(name: .customLong("label"), help: "A word that says what else this worker has; can be given several times.")
  var labels: [String] = []

  @Option(help: "Name of this worker; unique among all workers.")
  var name: String?

  @Option(help: "Folder for blobs where the store is not a shared folder.", completion: .directory)
  var cache = "\(NSTemporaryDirectory())tributary-cache"

  @Option(help: "File with this worker's secret key.", completion: .file())
  var secretKey: String?

  @Option(help: "File with the coordinator's public key.", completion: .file())
  var serverKey: String?

  @Option(help: "Time from being asked to end to the end, such as 30s.")
  var grace = TimeSpan(seconds: 30)

  @Option(help: "Time after which the worker must have ended, such as 55m or 1h30m; it drains --grace before.")
  var lifetime: TimeSpan?

  @Flag(help: "End when the parent process is gone.")
  var exitWithParent = false

  @Option(help: "Serve /metrics, /healthz and /readyz over HTTP on this address, such as 127.0.0.1:9464.")
  var metrics: String?

  @Option(help: "How the log is written: text, or json with one object a line.")
  var logFormat = LogFormat.text

  @Option(help: "The least important messages to log: trace, debug, info, notice, warning, error or critical.")
  var logLevel = Logger.Level.info

  func validate() throws {
    guard (1...256).contains(slots) else { throw ValidationError("--slots must be from 1 to 256.") }
    guard (1...4096).contains(cores) else { throw ValidationError("--cores must be from 1 to 4096.") }
    for word in labels + [device] where !Needs.isLabel(word) {
      throw ValidationError("\(word) is no label or device: take up to 63 of letters, digits, -, ., _ and =.")
    }
    guard labels.count <= 64 else { throw ValidationError("--label can be given at most 64 times.") }
    if let lifetime, lifetime.seconds <= grace.seconds {
      throw ValidationError(
        "--lifetime must be longer than --grace: a worker takes no tasks in the grace before its end.")
    }
  }

  func run() throws {
    let logger = Logger.toStandardError("worker", level: logLevel, format: logFormat)
    var configuration = WorkerProcess.Configuration(endpoint: connect, cachePath: cache)
    configuration.slots = slots
    let bytes = memory?.bytes ?? Resources.hostMemoryBytes / slots
    configuration.offer = Resources(cores: cores, memoryBytes: bytes, device: device, labels: labels)
    configuration.name = name
    configuration.graceSeconds = grace.seconds
    configuration.lifetimeSeconds = lifetime?.seconds
    configuration.secretKeyFile = secretKey
    configuration.serverKeyFile = serverKey
    configuration.exitsWithParent = exitWithParent
    try ProcessEnd.reporting {
      let stopSignal = try StopSignal()
      let signals = TerminationSignals(requesting: stopSignal)
      defer { signals.ignore() }
      let health = try metrics.map { try HealthEndpoint($0) }
      configuration.vitals = health?.vitals
      if let health { logger.info("serving metrics", metadata: ["at": "http://\(health.address)/metrics"]) }
      try WorkerProcess(configuration, workshop: .complete, stopSignal: stopSignal, logger: logger).run()
    }
    // Not `exit`: a task that was abandoned may still compute, and must not see its libraries taken down.
    _exit(EXIT_SUCCESS)
  }
}

extension TimeSpan: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }

  public var defaultValueDescription: String { "\(Int(seconds))s" }
}

extension ByteCount: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
