import ArgumentParser
import Foundation
import Logging
import Runtime
import Specification

extension LogFormat: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}

struct CoordinatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinator",
    abstract: "Hands out tasks and gathers their results into a store.",
    discussion: """
      Runs until SIGTERM or SIGINT. Killed or without power it loses nothing that it has acknowledged: start it again on \
      the same store, and workers and jobs go on.
      """)

  @Option(help: "Address to listen on; port * takes a free one.")
  var listen = "tcp://127.0.0.1:5555"

  @Option(help: "Folder of the store, made if it is missing.", completion: .directory)
  var store: String

  @Option(help: "File with the coordinator's secret key. Needed on any address but loopback.", completion: .file())
  var secretKey: String?

  @Option(help: "Folder or file with the public keys that may connect.", completion: .file())
  var allowedKeys: String?

  @Flag(help: "Listen on any address without keys: everyone who reaches it may submit jobs.")
  var insecure = false

  @Option(help: "Space that blobs may take, such as 200GiB; beyond, submissions are refused and work waits.")
  var quota: ByteCount?

  @Option(help: "Space to keep free on the store's disk; by default a hundredth of it, up to 1 GiB.")
  var keepFree: ByteCount?

  @Option(help: "How long blobs are kept that no job needs.")
  var garbageAge = TimeSpan(seconds: 3600)

  @Option(help: "Serve /metrics, /healthz and /readyz over HTTP on this address, such as 127.0.0.1:9464.")
  var metrics: String?

  @Option(help: "How the log is written: text, or json with one object a line.")
  var logFormat = LogFormat.text

  @Option(help: "The least important messages to log: trace, debug, info, notice, warning, error or critical.")
  var logLevel = Logger.Level.info

  func run() throws {
    let logger = Logger.toStandardError("coordinator", level: logLevel, format: logFormat)
    var configuration = Coordinator.Configuration(endpoint: listen, storePath: store)
    configuration.secretKeyFile = secretKey
    configuration.allowedKeysPath = allowedKeys
    configuration.isInsecure = insecure
    configuration.quotaBytes = quota?.bytes
    configuration.freeBytesMin = keepFree?.bytes
    configuration.garbageAge = garbageAge.seconds
    try ProcessEnd.reporting {
      let stopSignal = try StopSignal()
      let signals = TerminationSignals(requesting: stopSignal)
      defer { signals.ignore() }
      let health = try metrics.map { try HealthEndpoint($0) }
      configuration.vitals = health?.vitals
      if let health { logger.info("serving metrics", metadata: ["at": "http://\(health.address)/metrics"]) }
      let coordinator = try Coordinator(configuration, stopSignal: stopSignal, logger: logger)
      let endpoint = try coordinator.endpoint
      logger.info("listening", metadata: ["at": "\(endpoint)", "store": "\(store)"])
      try coordinator.run()
    }
  }
}

extension TimeSpan: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }

  public var defaultValueDescription: String { "\(Int(seconds))s" }
}

extension ByteCount: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
