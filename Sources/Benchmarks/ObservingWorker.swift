import Dispatch
import Foundation
import Logging
import Runtime
import Synchronization

/// A worker inside this process that notes on this process's clock when each task starts.
///
/// Everything between it and the coordinator is what `tributary-worker` does; only the workload is another one.
final class ObservingWorker {
  private let log = StartLog()
  private let stopSignal: StopSignal
  private let ended = DispatchSemaphore(value: 0)

  /// Connects to a cluster; each task takes `pause` seconds.
  init(_ cluster: Cluster, pause: Double = 0) throws {
    var configuration = WorkerProcess.Configuration(endpoint: cluster.endpoint, cachePath: "\(cluster.folder)/cache")
    configuration.name = "observer"
    configuration.secretKeyFile = "\(cluster.folder)/worker.secret"
    configuration.serverKeyFile = "\(cluster.folder)/coordinator.key"
    let logger = try Logger.toFile("\(cluster.folder)/observer.log", label: "observer")
    let stopSignal = try StopSignal()
    let workshop = Workshop(workloads: ["probe": ObservedWorkload(log: log, pause: pause)])
    let (ended, settings) = (ended, configuration)
    self.stopSignal = stopSignal
    Thread.detachNewThread {
      do {
        try WorkerProcess(settings, workshop: workshop, stopSignal: stopSignal, logger: logger).run()
      } catch {
        logger.error("the observing worker ended", metadata: ["error": "\(error)"])
      }
      ended.signal()
    }
  }

  /// When tasks have started so far.
  var starts: [ContinuousClock.Instant] { log.starts.withLock { $0 } }

  func stop() {
    stopSignal.request()
    ended.wait()
  }
}

private final class StartLog: Sendable {
  let starts = Mutex<[ContinuousClock.Instant]>([])
}

private struct ObservedWorkload: Workload {
  let log: StartLog
  let pause: Double

  func run(_ task: TaskContext) throws {
    let now = ContinuousClock.now
    log.starts.withLock { $0.append(now) }
    if pause > 0 { Thread.sleep(forTimeInterval: pause) }
    try task.commit(Segment(), isLast: true)
  }
}
