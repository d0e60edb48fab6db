import Foundation
import Runtime
import Synchronization
import TestSupport

/// Someone who submits jobs one after the other from a host of their own, as long as there is time, and watches them.
final class JobStream: Sendable {
  struct State {
    var submitted: [Job] = []
    var summaries: [JobSummary] = []
    var mayGoOn = true
    var faults: [String] = []
    var end: (any Error)?
  }

  /// Jobs that run at the same time, and how long to wait before the next one while any runs.
  private static let atOnce = 3
  private static let pause = Duration.seconds(6)
  private let state = Mutex(State())
  private let endpoint: String
  private let folder: String
  private let keys: Keys
  private let seed: UInt64
  private let prefix: [String]

  init(_ cluster: TorturedCluster, seed: UInt64) throws {
    (endpoint, folder, keys) = (cluster.cluster.endpoint, cluster.cluster.folder.path, cluster.keys)
    (self.seed, prefix) = (seed, cluster.hosts.on(TorturedCluster.clientHost))
    Thread.detachNewThread { [self] in
      do {
        try Hosts.visit(TorturedCluster.clientHost) { try work() }
      } catch {
        state.withLock { $0.end = error }
      }
    }
  }

  /// What has been submitted, and what was last heard of it.
  var now: State { state.withLock { $0 } }

  /// Submits nothing more.
  func stopSubmitting() { state.withLock { $0.mayGoOn = false } }

  /// Whether all jobs have ended, as far as was heard.
  var isDone: Bool {
    state.withLock { state in
      !state.mayGoOn && state.summaries.count == state.submitted.count
        && state.summaries.allSatisfy { $0.state != "running" }
    }
  }

  private func work() throws {
    var jobs = TortureJobs(seed: seed)
    var next = jobs.next()
    // A job may have been taken though the answer was lost: what was tried is tried until it is known.
    var isTried = false
    var nextTime = ContinuousClock.now
    while isTried || !isDone {
      let now = now
      let running = now.submitted.count - now.summaries.count { $0.state != "running" }
      let isTime = running == 0 || running < Self.atOnce && nextTime <= .now
      if isTried || now.mayGoOn && isTime {
        if !isTried { nextTime = .now + Self.pause }
        isTried = true
        if try submit(next) {
          state.withLock { $0.submitted.append(next) }
          (next, isTried) = (jobs.next(), false)
        }
      }
      look()
      Thread.sleep(forTimeInterval: 0.5)
    }
  }

  /// Tries to submit a job.
  /// - Returns: Whether the coordinator has it.
  private func submit(_ job: Job) throws -> Bool {
    let file = "\(folder)/\(job.name).yaml"
    try job.yaml.write(toFile: file, atomically: false, encoding: .utf8)
    let command = [Programs.tributary, "submit", file, "--connect", endpoint] + keys.options(of: "laptop")
    let process = try RunningProcess(prefix + command, output: "\(folder)/submit.log")
    // 75: an earlier try was taken, and the answer to it was lost.
    return [0, 75].contains(try process.end(within: .seconds(120))) && (process.exitCode == 0 || isKnown(job))
  }

  private func isKnown(_ job: Job) -> Bool { (try? client().status(of: job.name)) != nil }

  private func client() throws -> Client {
    try Client(
      endpoint: endpoint, secretKeyFile: keys.secret(of: "laptop"), serverKeyFile: keys.serverKey, timeout: .seconds(2))
  }

  /// Asks how all jobs are. What was once told must hold for ever (G3): no job vanishes, no task is undone.
  private func look() {
    guard let summaries = try? client().jobs() else { return }
    let found = Dictionary(uniqueKeysWithValues: summaries.map { ($0.name, $0) })
    state.withLock { state in
      for old in state.summaries {
        let new = found[old.name]
        if new == nil || new?.completed ?? 0 < old.completed || old.state != "running" && new?.state != old.state {
          state.faults.append(
            "\(old.name) was \(old.state) with \(old.completed) tasks and is \(new.map { "\($0)" } ?? "gone")")
        }
      }
      for job in state.submitted where found[job.name] == nil {
        state.faults.append("\(job.name) was submitted and is gone")
      }
      state.summaries = summaries
    }
  }
}

/// An endless row of jobs of all kinds, each with a seed of its own.
struct TortureJobs {
  private var random: SplitMix64
  private var count = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed ^ 0x6a6f_6273) }

  mutating func next() -> Job {
    let (kind, yaml) = Self.kinds[count % Self.kinds.count]
    count += 1
    return Job("\(kind)-\(count)", "seed: \(random.below(1_000_000))\n\(yaml)")
  }

  private static let kinds = [
    (
      "nuts",
      """
      kind: chains
      data: {set: yacht}
      model: {type: mlp, hidden: [8]}
      kernel: {type: nuts, maxDepth: 5}
      chains: 4
      warmup: 120
      draws: 120
      segment: 10
      """
    ),
    ("bytes", "kind: probe\ntasks: 8\nsegments: 4\nseconds: 4\nbytes: 700000\nleaseAhead: 0"),
    (
      "hmc",
      """
      kind: chains
      data: {set: yacht, split: 3}
      model: {type: mlp, hidden: [4, 4], activation: silu, prior: {type: hierarchical, scale: 1}}
      kernel: {type: hmc, leapfrogSteps: 12}
      chains: 3
      warmup: 100
      draws: 95
      segment: 10
      """
    ),
    ("many", "kind: probe\ntasks: 2000\nseconds: 0.02\nbytes: 100\nleaseAhead: 16"),
    (
      "metropolis",
      """
      kind: chains
      data: {set: energy}
      model: {type: linear}
      kernel: {type: metropolis}
      chains: 3
      warmup: 2000
      draws: 2000
      segment: 200
      """
    ),
    (
      "linear",
      """
      kind: chains
      data: {set: concrete, split: 2}
      model: {type: linear}
      kernel: {type: nuts}
      chains: 2
      warmup: 150
      draws: 150
      segment: 25
      """
    ),
  ]
}
