import ArgumentParser
import Runtime

struct WorkersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers", abstract: "Lists the connected workers, or makes some of them end.",
    subcommands: [ListWorkersCommand.self, DrainCommand.self], defaultSubcommand: ListWorkersCommand.self)
}

struct ListWorkersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the connected workers.")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      let rows = try connection.client().workers().map { worker in
        let state = worker.isDraining == true ? "draining" : worker.tasks.isEmpty ? "idle" : "working"
        return [
          worker.name, worker.host, "\(worker.slots)", worker.offer.text, state, Self.text(of: worker.tasks),
        ]
      }
      print(Table(["worker", "host", "slots", "offers", "state", "works on"], rows, numeric: [2]).text)
    }
  }

  private static func text(of tasks: [String]) -> String {
    let more = tasks.count > 3 ? " and \(tasks.count - 3) more" : ""
    return tasks.prefix(3).joined(separator: " ") + more
  }
}

struct DrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Makes workers hand back what they work on, and end.",
    discussion: """
      Returns at once. A worker that drains takes no more tasks; what it works on pauses or comes to its next commit, and \
      goes on elsewhere. `tributary workers` shows it until it has ended.
      """)

  @Argument(help: "Name of a worker.")
  var worker: String?

  @Option(help: "Instead of one worker, all of this host.")
  var host: String?

  @Flag(help: "Instead of one worker, all.")
  var all = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard [worker != nil, host != nil, all].count(where: { $0 }) == 1 else {
      throw ValidationError("Name a worker, or give --host or --all.")
    }
  }

  func run() throws {
    try ProcessEnd.reporting {
      for name in try connection.client().drainWorkers(named: worker, on: host) { print("draining \(name)") }
    }
  }
}
