import ArgumentParser
import Foundation
import Runtime
import Store

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs one job on this machine, from start to end.",
    discussion: """
      Starts a coordinator and workers on loopback, submits the job, shows its progress, and prints what it found. \
      Interrupted, or after a crash, run the same command again: the job goes on where it was.
      """)

  @Argument(help: "The job file.", completion: .file(extensions: ["yaml", "yml"]))
  var job: String

  @Option(help: "Folder of the store, made if it is missing.", completion: .directory)
  var store = "store"

  @Option(help: "Name of the job, instead of that in the file.")
  var name: String?

  @Flag(help: "Take in the changes below the job file's key `full`.")
  var full = false

  @Option(help: "Worker processes; by default as many as have the cores that each task needs.")
  var workers: Int?

  @Option(help: "The worker program; by default the one beside this program.", completion: .file())
  var workerProgram: String?

  func validate() throws {
    guard (1...256).contains(workers ?? 1) else { throw ValidationError("--workers must be from 1 to 256.") }
  }

  func run() throws {
    try ProcessEnd.reporting {
      let submission = try Submission(path: job, name: name, isFull: full)
      let stopSignal = try StopSignal()
      let signals = TerminationSignals(requesting: stopSignal)
      defer { signals.ignore() }
      let needs = submission.specification.needs
      let fitting = min(256, max(1, ProcessInfo.processInfo.activeProcessorCount / needs.cores))
      let cluster = try LocalCluster(
        store: store, workers: workers ?? fitting, offering: needs, workerProgram: workerProgram)
      defer { cluster.stop() }
      let client = try Client(endpoint: cluster.endpoint)
      try submitOrResume(submission, client)
      try JobWatcher(client: client, job: submission.name, stopSignal: stopSignal, cluster: cluster).follow()
    }
  }

  /// Goes on with a job that was interrupted; a finished one of the same name is not touched.
  private func submitOrResume(_ submission: Submission, _ client: Client) throws {
    do {
      try submission.submit(to: client)
    } catch let error as ClientError where error.code == .nameTaken {
      let path = "\(store)/jobs/\(submission.name)"
      let state = try client.status(of: submission.name).summary.state
      guard state == "running", try DurableFile.read("\(path)/job.yaml") == Array(submission.yaml.utf8) else {
        throw CommandError(
          """
          The store \(store) has a job \(submission.name) already (\(state)). Give this one another name with --name, or \
          another folder with --store.
          """, exitCode: 75)
      }
      print("going on with \(submission.name)")
    }
  }
}
