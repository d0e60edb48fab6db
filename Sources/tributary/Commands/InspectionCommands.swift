import ArgumentParser
import Runtime

struct JobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Lists all jobs of a coordinator, or removes one.",
    subcommands: [ListJobsCommand.self, RemoveCommand.self], defaultSubcommand: ListJobsCommand.self)
}

struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Removes an ended job with all its files, for good.")

  @Argument(help: "Name of the job.")
  var job: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      try connection.client().remove(job)
      print("removed \(job)")
    }
  }
}

struct ListJobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists all jobs of a coordinator.")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      let jobs = try connection.client().jobs()
      let rows = jobs.map { job in
        [job.name, job.state, "\(job.completed)/\(job.total)", "\(job.running)", "\(job.share)"]
      }
      print(Table(["job", "state", "done", "running", "share"], rows, numeric: [2, 3, 4]).text)
    }
  }
}

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows how far a job is, task by task.")

  @Argument(help: "Name of the job.")
  var job: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      for line in JobView.lines(of: try connection.client().status(of: job)) { print(line) }
    }
  }
}

struct CancelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Ends a job now; what it has committed stays in the store.")

  @Argument(help: "Name of the job.")
  var job: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      try connection.client().cancel(job)
      print("cancelled \(job)")
    }
  }
}

struct RetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Tries the failed tasks of a failed job again.",
    discussion: "They go on after their last commits, with as many failures allowed as in the beginning.")

  @Argument(help: "Name of the job.")
  var job: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      let tasks = try connection.client().retry(job)
      print("trying \(tasks) \(tasks == 1 ? "task" : "tasks") of \(job) again")
    }
  }
}

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Follows a job to its end, then prints what it found.",
    discussion: "Interrupting it does not disturb the job.")

  @Argument(help: "Name of the job.")
  var job: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      let stopSignal = try StopSignal()
      let signals = TerminationSignals(requesting: stopSignal)
      defer { signals.ignore() }
      try JobWatcher(client: try connection.client(), job: job, stopSignal: stopSignal).follow()
    }
  }
}
