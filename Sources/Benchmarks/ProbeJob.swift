import Foundation
import Runtime

/// A job of tasks that do nothing but wait and return bytes.
struct ProbeJob {
  let name: String
  var tasks = 1
  var seconds = 0.0
  var bytes = 0
  var leaseAhead = 0
  /// Jobs of the same seed return the same bytes, which are stored once.
  var seed = 0

  var yaml: String {
    """
    kind: probe
    name: \(name)
    seed: \(seed)
    tasks: \(tasks)
    seconds: \(seconds)
    bytes: \(bytes)
    leaseAhead: \(leaseAhead)
    """
  }

  func submit(to client: Client) throws {
    try client.submit(name: name, file: "\(name).yaml", yaml: yaml, inputs: [:])
  }

  /// Submits the job and waits until the last of its commits is durable.
  /// - Returns: Seconds.
  func run(on client: Client) throws -> Double {
    try elapsed {
      try submit(to: client)
      try wait(upTo: 300, every: 0.02) {
        let summary = try client.status(of: name).summary
        return summary.completed == summary.total
      }
    }
  }
}

/// A condition that was not met in time.
struct TimeOut: Error {}

/// Waits for a condition.
func wait(upTo limit: Double, every pause: Double = 0.001, for isMet: () throws -> Bool) throws {
  let end = ContinuousClock.now + .seconds(limit)
  while try !isMet() {
    guard ContinuousClock.now < end else { throw TimeOut() }
    Thread.sleep(forTimeInterval: pause)
  }
}

extension Client {
  func waitForWorkers(_ count: Int) throws {
    try wait(upTo: 20) { try workers().count == count }
  }
}
