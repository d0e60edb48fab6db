import Foundation
import HostilePeers
import Messaging
import Runtime
import Store

/// What is left of a cluster's work while peers with and without an allowed key attack its coordinator.
enum StormFigures {
  static func measure(in folder: String) throws {
    let cluster = try Cluster(in: folder)
    defer { cluster.stop() }
    for number in 1...2 { try cluster.startWorker("worker-\(number)") }
    let client = try cluster.client()
    try client.waitForWorkers(2)
    let blob = try BlobStore(storeFolder: cluster.store).put([UInt8](repeating: 5, count: 1 << 20))
    try ProbeJob(name: "work", tasks: 1_000_000, seconds: 0.01).submit(to: client)
    try wait(upTo: 20) { try completed(client) > 50 }

    let calm = try rate(client, seconds: 10)
    let before = cluster.coordinator.kilobytes("VmRSS") / 1024
    let storm = Storm(
      Storm.Target(
        endpoint: cluster.endpoint, serverKey: try PublicKey(file: "\(folder)/coordinator.key"),
        worker: try KeyPair(secretFile: "\(folder)/worker.secret"),
        client: try KeyPair(secretFile: "\(folder)/client.secret"), blob: "\(blob)"))
    defer { storm.stop() }
    let stormy = try rate(client, seconds: 30)
    let peak = cluster.coordinator.kilobytes("VmHWM") / 1024
    let counts = storm.counts.map { "\($0.attack) \($0.count)" }.joined(separator: "; ")
    storm.stop()
    let after = try rate(client, seconds: 10)
    Figure(
      name: "tasks of 10 ms, 2 workers, before the storm", value: calm, unit: "tasks/s",
      note: "after it \(rounded(after))"
    ).print()
    Figure(
      name: "work in the storm, part of that before", value: stormy / calm, unit: "", bar: .atLeast(0.5),
      note: "30 s: \(counts)"
    ).print()
    Figure(
      name: "coordinator's memory in the storm, most", value: peak, unit: "MiB", bar: .atMost(1024),
      note: "resident; \(rounded(before)) MiB before"
    ).print()
  }

  private static func completed(_ client: Client) throws -> Int { try client.status(of: "work").summary.completed }

  private static func rate(_ client: Client, seconds: Double) throws -> Double {
    let (first, start) = (try completed(client), ContinuousClock.now)
    Thread.sleep(forTimeInterval: seconds)
    return Double(try completed(client) - first) / ((ContinuousClock.now - start) / .seconds(1))
  }
}
