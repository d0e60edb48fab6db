import ArgumentParser
import Runtime

struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Hands a job to a coordinator and returns.",
    discussion: "The job file and the files it names are checked and sent along; no other host needs them.")

  @Argument(help: "The job file.", completion: .file(extensions: ["yaml", "yml"]))
  var job: String

  @Option(help: "Name of the job, instead of that in the file.")
  var name: String?

  @Flag(help: "Take in the changes below the job file's key `full`.")
  var full = false

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try ProcessEnd.reporting {
      let submission = try Submission(path: job, name: name, isFull: full)
      try submission.submit(to: try connection.client())
      print("submitted \(submission.name); watch it with: tributary watch \(submission.name)")
    }
  }
}

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks a job file and its data without running it.")

  @Argument(help: "The job file.", completion: .file(extensions: ["yaml", "yml"]))
  var job: String

  @Flag(help: "Take in the changes below the job file's key `full`.")
  var full = false

  func run() throws {
    try ProcessEnd.reporting {
      let submission = try Submission(path: job, name: nil, isFull: full)
      let groups = submission.specification.plan().groups.map { "\($0.count) \($0.name)" }
      print("\(job) is good: job \(submission.name), tasks: \(groups.joined(separator: ", "))")
    }
  }
}
