import Foundation
import Logging
import Runtime
import Synchronization
import TestSupport
import Testing

/// The example in `Workload`'s documentation, word for word.
struct Doubling: Workload {
  func run(_ task: TaskContext) throws {
    var value = task.checkpoint.map { Int($0[0]) } ?? 1
    for segment in task.segments..<5 {
      value *= 2
      try task.commit(
        Segment(files: ["value-\(segment).txt": Array("\(value)".utf8)], checkpoint: [UInt8(value)]),
        isLast: segment == 4)
    }
  }
}

struct WorkloadExampleTests {
  @Test func theExampleIsTheDocumentedOne() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Runtime/Worker")
    let documentation = try String(contentsOf: root.appending(path: "Workload.swift"), encoding: .utf8)
    let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let start = try #require(own.range(of: "struct Doubling"))
    let end = try #require(own.range(of: "\n}\n", range: start.lowerBound..<own.endIndex))
    for line in own[start.lowerBound..<end.lowerBound].split(separator: "\n") {
      #expect(documentation.contains("/// \(line)\n"), "\(line)")
    }
  }

  /// A coordinator and a worker on threads of this process, with the example in place of the probe.
  @Test func theExampleRuns() throws {
    let folder = try TemporaryFolder()
    let logger = Logger.toStandardError("test")
    let coordinator = try RunningThread { stopSignal, ready in
      let configuration = Coordinator.Configuration(endpoint: "tcp://127.0.0.1:*", storePath: folder.path)
      let coordinator = try Coordinator(configuration, stopSignal: stopSignal, logger: logger)
      ready(try coordinator.endpoint)
      try coordinator.run()
    }
    let worker = try RunningThread { stopSignal, ready in
      let configuration = WorkerProcess.Configuration(endpoint: coordinator.word, cachePath: "\(folder.path)/cache")
      let workshop = Workshop(workloads: ["probe": Doubling()])
      let worker = try WorkerProcess(configuration, workshop: workshop, stopSignal: stopSignal, logger: logger)
      ready("")
      try worker.run()
    }
    let client = try Client(endpoint: coordinator.word)
    try client.submit(name: "doubling", file: "doubling.yaml", yaml: "kind: probe\ntasks: 1", inputs: [:])
    let end = ContinuousClock.now + .seconds(30)
    while try client.status(of: "doubling").summary.state == "running", ContinuousClock.now < end { usleep(10_000) }
    let values = try (0..<5).map { try client.artifact("value-\($0).txt", of: "doubling") }
    #expect(values.map { String(decoding: $0, as: UTF8.self) } == ["2", "4", "8", "16", "32"])
    worker.stop()
    coordinator.stop()
  }
}

/// A loop on a thread of its own, and the word it says when it is ready.
private final class RunningThread: Sendable {
  let word: String
  private let stopSignal: StopSignal
  private let ended = DispatchSemaphore(value: 0)

  init(_ run: @escaping @Sendable (StopSignal, (String) -> Void) throws -> Void) throws {
    let (stopSignal, ended, ready) = (try StopSignal(), ended, DispatchSemaphore(value: 0))
    let said = Said()
    Thread.detachNewThread {
      do {
        try run(stopSignal) { word in
          said.word.withLock { $0 = word }
          ready.signal()
        }
      } catch {
        Issue.record(error)
        ready.signal()
      }
      ended.signal()
    }
    ready.wait()
    self.stopSignal = stopSignal
    word = said.word.withLock { $0 }
  }

  func stop() {
    stopSignal.request()
    ended.wait()
  }

  private final class Said: Sendable {
    let word = Mutex("")
  }
}
