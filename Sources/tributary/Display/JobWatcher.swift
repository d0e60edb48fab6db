import Foundation
import Runtime
import Specification

/// Follows a job to its end on the terminal, and then prints what it found.
struct JobWatcher {
  let client: Client
  let job: String
  let stopSignal: StopSignal
  /// The cluster that this process has started for the job, if it has.
  var cluster: LocalCluster?

  /// Seconds between two looks at the job.
  private static let interval = 0.25
  /// Seconds between two lines about a task where lines cannot be redrawn.
  private static let plainInterval = 10.0

  /// Returns when the job is complete.
  /// - Throws: `CommandError` if the job failed or was cancelled, or on an interrupt; what the client throws.
  func follow() throws {
    let started = ContinuousClock.now
    var screen = Screen()
    var news = TaskNews()
    while true {
      if let failure = cluster?.failure { throw failure }
      guard let status = try status(screen) else { continue }
      if screen.canRedraw {
        screen.draw(JobView.lines(of: status))
      } else {
        for line in news.lines(about: status, every: Self.plainInterval) { screen.print(line) }
      }
      if status.summary.state != "running" { return try conclude(status, after: ContinuousClock.now - started) }
      if stopSignal.isRequested { throw CommandError(interrupted, exitCode: 130) }
      Thread.sleep(forTimeInterval: Self.interval)
    }
  }

  /// Nil while there is no coordinator: it may be restarting, and the job goes on with it.
  private func status(_ screen: Screen) throws -> JobStatus? {
    do {
      return try client.status(of: job)
    } catch let error as ClientError where error.code == .noAnswer && !stopSignal.isRequested {
      screen.print("\(error.message) Still waiting.")
      return nil
    }
  }

  private var interrupted: String {
    cluster == nil
      ? "stopped watching; the job goes on" : "interrupted; run the same command again and the job goes on"
  }

  private func conclude(_ status: JobStatus, after duration: Duration) throws {
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    guard status.summary.state == "completed" else {
      let reasons = status.tasks.compactMap { task in task.failure.map { "\n  \(task.group) \(task.index): \($0)" } }
      throw CommandError("job \(job) \(status.summary.state)\(reasons.joined())", exitCode: 1)
    }
    print("\n\(job) completed in \(String(format: "%.1f", seconds)) s")
    let groups = Set(status.groups.map(\.name))
    if groups.contains("chain") {
      let bytes = try client.artifact(EvaluationSummary.fileName, of: job)
      print(SummaryView.text(of: try EvaluationSummary(json: bytes), folder: status.folder))
    } else if groups.contains("stage") {
      let bytes = groups.contains("evaluation") ? try client.artifact(PictureSummary.fileName, of: job) : nil
      let summary = try bytes.map { try PictureSummary(json: $0) }
      print(PictureView.text(of: summary, hasSamples: groups.contains("gallery"), folder: status.folder))
    } else if groups.contains(where: { AcquisitionSpecification.strategy(ofGroup: $0) != nil }) {
      let bytes = try client.artifact(AcquisitionResult.fileName, of: job)
      print(AcquisitionView.text(of: try AcquisitionResult(json: bytes), folder: status.folder))
    } else if groups.contains("comparison") {
      let bytes = try client.artifact(EnsembleComparison.fileName, of: job)
      print(EnsembleView.text(of: try EnsembleComparison(json: bytes), folder: status.folder))
    } else {
      print("\(status.summary.total) tasks, \(JobView.number(Double(status.summary.total) / seconds)) tasks/s")
    }
  }
}

/// Picks what is new in a job's status, for output that cannot be redrawn.
private struct TaskNews {
  private var phases: [String: String] = [:]
  private var printed: [String: ContinuousClock.Instant] = [:]

  /// A line for each task that has entered a phase, or has not been mentioned for a while.
  mutating func lines(about status: JobStatus, every seconds: Double) -> [String] {
    let now = ContinuousClock.now
    let all = JobView.lines(of: status)
    return zip(status.tasks, all.dropFirst(2)).compactMap { task, line in
      // Tasks too short to report progress are not worth a line each.
      guard task.progress != nil || task.failure != nil else { return nil }
      let key = "\(task.group) \(task.index)"
      let phase = "\(task.progress?.phase ?? task.state) \(task.worker ?? "")"
      let isNew = phases[key] != phase
      let isDue = printed[key].map { now - $0 >= .seconds(seconds) } ?? true
      guard isNew || isDue else { return nil }
      phases[key] = phase
      printed[key] = now
      return line
    }
  }
}
