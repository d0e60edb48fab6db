import ArgumentParser
import Report
import Runtime
import Specification
import Store

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes what a job has found as one page for a browser, also while the job runs.",
    discussion: """
      The page is made of the job's folder in the store, without a coordinator, and needs no other file. It has tables, charts \
      and pictures of what the job has committed so far.
      """)

  @Argument(help: "Name of the job.")
  var job: String

  @Option(help: "Folder of the store.", completion: .directory)
  var store = "store"

  @Option(
    help: "File to write; by default run/report.html in the job's folder.", completion: .file(extensions: ["html"]))
  var output: String?

  func run() throws {
    try ProcessEnd.reporting {
      let page = Array(try JobReport(store: store, job: job).html.utf8)
      if let output {
        try DurableFile.write(page, to: output)
      } else {
        try JobFolder(storeFolder: store, job: job).write(page, as: JobReport.fileName)
      }
      let path = output ?? "\(store)/jobs/\(job)/\(JobReport.fileName)"
      print("wrote \(path) (\(ByteCount(bytes: page.count).rounded))")
    }
  }
}
