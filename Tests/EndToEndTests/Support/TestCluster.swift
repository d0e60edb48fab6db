import Foundation
import Glibc
import Runtime
import TestSupport
import Testing

/// A coordinator and workers, real processes on loopback, each of which can be killed and started again.
final class TestCluster {
  let folder: TemporaryFolder
  let store: String
  let endpoint: String
  /// Options of the coordinator, besides its address and store.
  var coordinatorOptions: [String] = []
  /// Options of all clients, besides the address.
  var clientKeys: (secret: String, server: String)?
  /// Options of all workers, besides the address.
  var workerOptions: [String] = []
  /// What the coordinator's command is preceded by, such as a command that enters a namespace.
  var coordinatorPrefix: [String] = []
  /// Where this process sees the root of the file system that the coordinator works in.
  var storeRoot = ""
  /// Whether workers run where they do not see the store, so that blobs travel through the coordinator.
  let hidesStore: Bool
  private(set) var coordinator: RunningProcess?
  private(set) var workers: [Int: RunningProcess] = [:]

  /// Makes a cluster in which nothing runs yet.
  init(hidesStore: Bool = false, endpoint: String? = nil) throws {
    folder = try TemporaryFolder()
    store = "\(folder.path)/store"
    self.endpoint = try endpoint ?? "tcp://127.0.0.1:\(Programs.freePort())"
    self.hidesStore = hidesStore
    try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: false)
  }

  deinit {
    for worker in workers.values { worker.crash() }
    coordinator?.crash()
  }

  /// The port of `endpoint`.
  var port: UInt16 { endpoint.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

  func startCoordinator() throws {
    coordinator = try RunningProcess(
      coordinatorPrefix + [Programs.tributary, "coordinator", "--listen", endpoint, "--store", store]
        + coordinatorOptions,
      output: log("coordinator"))
  }

  /// Starts a worker, whose log tells it from other workers by the number.
  /// - Parameter prefix: What its command is preceded by.
  @discardableResult
  func startWorker(_ number: Int, on prefix: [String] = []) throws -> RunningProcess {
    // An empty disk over the store: the worker's namespace ends with the worker.
    let hide = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none \"$0\" && exec \"$@\"", store]
    let command = [Programs.worker, "--connect", endpoint, "--cache", "\(folder.path)/cache", "--exit-with-parent"]
    let worker = try RunningProcess(
      prefix + (hidesStore ? hide : []) + command + workerOptions, output: log("worker-\(number)"))
    workers[number] = worker
    return worker
  }

  /// Starts a coordinator and workers 1, 2, ….
  func start(workers count: Int = 2) throws {
    try startCoordinator()
    for number in 1...count { try startWorker(number) }
  }

  func crashCoordinator() { coordinator?.crash() }

  /// Kills the coordinator and every worker in turn while a job runs, each at once started again, in an order and at moments that
  /// the seed decides.
  /// - Returns: Processes that were killed before the job ended.
  func crashProcesses(during job: Job, turns: Int, seed: UInt64) throws -> Int {
    var random = SplitMix64(seed: seed)
    let victims = Array(0...workers.count).shuffled(using: &random)
    for turn in 0..<turns {
      let victim = victims[turn % victims.count]
      usleep(UInt32(50_000 + random.below(350_000)))
      if try status(of: job)?.summary.state ?? "running" != "running" { return turn }
      if victim == 0 { crashCoordinator() } else { workers[victim]?.crash() }
      usleep(UInt32(random.below(200_000)))
      if victim == 0 { try startCoordinator() } else { try startWorker(victim) }
    }
    return turns
  }

  func log(_ process: String) -> String { "\(folder.path)/\(process).log" }

  /// A client of its own for each question: an answer to an earlier question may still be on its way to any other.
  func client(timeout: Duration = .seconds(10)) throws -> Client {
    try Client(
      endpoint: endpoint, secretKeyFile: clientKeys?.secret, serverKeyFile: clientKeys?.server, timeout: timeout)
  }

  /// Runs a command of `tributary` to its end.
  func command(_ arguments: String..., within limit: Duration = .seconds(30)) throws -> (
    exitCode: Int32, output: String
  ) {
    try command(arguments, within: limit)
  }

  func command(_ arguments: [String], within limit: Duration = .seconds(30)) throws -> (
    exitCode: Int32, output: String
  ) {
    let output = "\(folder.path)/command-\(UUID().uuidString).log"
    let process = try RunningProcess([Programs.tributary] + arguments, output: output)
    return (try process.end(within: limit), process.output)
  }

  /// Submits a job as a user would.
  func submit(_ job: Job) throws {
    let file = try folder.write(job.yaml, as: "\(job.name).yaml")
    let keys = clientKeys.map { ["--secret-key", $0.secret, "--server-key", $0.server] } ?? []
    let (exitCode, output) = try command(["submit", file, "--connect", endpoint] + keys)
    guard exitCode == 0 else { throw TestError("submit \(job.name) ended with \(exitCode): \(output)") }
  }

  /// The state of a job; nil when no coordinator answers.
  func status(of job: Job) throws -> JobStatus? {
    do {
      return try client(timeout: .seconds(1)).status(of: job.name)
    } catch let error as ClientError where error.code == .noAnswer {
      return nil
    }
  }

  /// Waits until a job has ended, and says how.
  func end(of job: Job, within limit: Duration = .seconds(120)) throws -> String {
    try eventually("the end of \(job.name); \(logs)", within: limit) {
      guard let status = try status(of: job), status.summary.state != "running" else { return nil }
      return status.summary.state
    }
  }

  /// Waits until a job is completed, and reads its results.
  func results(of job: Job, within limit: Duration = .seconds(120)) throws -> Results {
    let state = try end(of: job, within: limit)
    guard state == "completed" else { throw TestError("\(job.name) \(state); \(logs)") }
    return try Results(jobFolder: "\(storeRoot)\(store)/jobs/\(job.name)")
  }

  /// Waits until a job is completed, and compares every byte of its results.
  func expect(
    _ job: Job, toEqual reference: Results, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let differences = try results(of: job).differences(from: reference)
    #expect(
      differences.isEmpty, "\(comment.map { "\($0)" } ?? ""): \(differences.prefix(5))", sourceLocation: sourceLocation)
  }

  /// The last lines of all logs, for the message of a test that failed.
  var logs: String {
    (["coordinator"] + workers.keys.sorted().map { "worker-\($0)" }).map { name in
      let text = (try? String(contentsOfFile: log(name), encoding: .utf8)) ?? ""
      return "\(name):\n" + text.split(separator: "\n").suffix(12).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
