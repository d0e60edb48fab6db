import Foundation
import Glibc

/// How soon work goes on when a worker falls silent and nobody is told.
enum Silence {
  private static let bar = Figure.Bar.atMost(5)
  private static let rounds = 3

  /// A worker is stopped over its task: its connection stands, and nothing comes through it.
  static func measureFrozenWorker(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    let observer = try ObservingWorker(cluster)
    defer { observer.stop() }
    let times = try (1...rounds).map { number in
      let victim = try cluster.startWorker("frozen-\(number)")
      try giveTask(to: victim, "frozen-\(number)", cluster)
      let seconds = try secondsToNextStart(observer) { Glibc.kill(victim.processIdentifier, SIGSTOP) }
      cluster.kill(victim)
      return seconds
    }
    printFigure("a worker frozen to its task running elsewhere", times)
  }

  /// A host is cut off the network, with a worker over its task. Takes hosts of network namespaces, on the first of which
  /// this program is started again.
  static func measureCutHost(in folder: String) throws {
    guard ProcessInfo.processInfo.environment[TestHosts.mark] == nil else { return try measureCut(in: folder) }
    guard try TestHosts.run("check") == 0 else {
      return FileHandle.standardError.write(Data("bench: cut: left out, since no hosts can be made here\n".utf8))
    }
    guard try TestHosts.run("up", "2") == 0 else { throw TimeOut() }
    defer { _ = try? TestHosts.run("down") }
    guard try TestHosts.run("exec", "1", "/proc/self/exe".resolved, "cut") == 0 else { throw TimeOut() }
  }

  private static func measureCut(in folder: String) throws {
    let cluster = try Cluster(in: folder, at: "10.77.0.1")
    defer { cluster.stop() }
    let observer = try ObservingWorker(cluster)
    defer { observer.stop() }
    var alarms = 0
    let times = try (1...rounds).map { number in
      let victim = try cluster.startWorker("cut-\(number)", onHost: 2)
      try giveTask(to: victim, "cut-\(number)", cluster)
      alarms += try alarmsOfShortCut(observer)
      let seconds = try secondsToNextStart(observer) { _ = try TestHosts.run("cut", "2") }
      cluster.kill(victim)
      _ = try TestHosts.run("heal", "2")
      return seconds
    }
    printFigure("a host cut off to its task running elsewhere", times)
    Figure(
      name: "tasks taken away in cuts of 1.5 s", value: Double(alarms), unit: "tasks", bar: .atMost(0),
      note: "of \(rounds) cuts, each watched for 6 s"
    ).print()
  }

  /// Two workers get a task each; the observer's ends at once, so that it is idle.
  private static func giveTask(to victim: Process, _ job: String, _ cluster: Cluster) throws {
    let client = try cluster.client()
    try client.waitForWorkers(2)
    try ProbeJob(name: job, tasks: 2, seconds: 60).submit(to: client)
    try wait(upTo: 10) { try client.status(of: job).summary.completed == 1 }
  }

  private static func secondsToNextStart(_ observer: ObservingWorker, after fault: () throws -> Void) throws -> Double {
    let count = observer.starts.count
    let start = ContinuousClock.now
    try fault()
    try wait(upTo: 60) { observer.starts.count > count }
    return (observer.starts[count] - start) / .seconds(1)
  }

  private static func alarmsOfShortCut(_ observer: ObservingWorker) throws -> Int {
    let count = observer.starts.count
    _ = try TestHosts.run("cut", "2")
    Thread.sleep(forTimeInterval: 1.5)
    _ = try TestHosts.run("heal", "2")
    Thread.sleep(forTimeInterval: 4.5)
    return observer.starts.count - count
  }

  private static func printFigure(_ name: String, _ times: [Double]) {
    let sample = Sample(times)
    Figure(
      name: name, value: sample.median, unit: "s", bar: bar,
      note: "median of \(sample.count); longest \(rounded(sample.most)) s"
    ).print()
  }
}

/// The hosts of `Cluster/hosts/hosts`.
enum TestHosts {
  static let script = URL(fileURLWithPath: "Cluster/hosts/hosts").path
  /// Set for what runs on such a host.
  static let mark = "TRIBUTARY_ON_HOST"

  /// Runs the script to its end.
  /// - Returns: Its exit code.
  static func run(_ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: script)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging([mark: "yes"]) { $1 }
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

extension String {
  fileprivate var resolved: String { URL(fileURLWithPath: self).resolvingSymlinksInPath().path }
}
