import Foundation
import Logging
import Scheduling

/// A thread that runs one task after another; a worker has one for each slot.
enum ComputeThread {
  static func start(_ number: Int, _ workshop: Workshop, _ desk: WorkerDesk, _ logger: Logger) {
    let thread = Thread {
      while true {
        let (assignment, job) = desk.nextTask()
        run(assignment, of: job, workshop, desk, logger)
        desk.ended(assignment.lease)
      }
    }
    thread.name = "compute-\(number)"
    // Recursive tree building and libtorch want more than the default of secondary threads.
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// Runs a task; whatever goes wrong in it fails the task, and the worker goes on.
  private static func run(
    _ assignment: Assignment, of job: JobDescription, _ workshop: Workshop, _ desk: WorkerDesk, _ logger: Logger
  ) {
    let lease = assignment.lease
    do {
      let kind = job.kinds.indices.contains(lease.task.group) ? job.kinds[lease.task.group] : "?"
      guard let workload = workshop.workloads[kind] else {
        throw WorkloadError("This worker cannot run tasks of kind \(kind); install the same version on all hosts.")
      }
      workshop.prepare(job.cores.indices.contains(lease.task.group) ? job.cores[lease.task.group] : 1)
      try desk.checkWanted(lease)
      let task = try TaskContext(assignment, of: job, desk: desk)
      let outcome = Result { try workload.run(task) }
      // However the task ended, what it committed before is still to be claimed.
      try task.settle()
      try outcome.get()
      if !task.isComplete { throw WorkloadError("The workload returned without committing a last segment.") }
    } catch is TaskStopped {
      logger.debug("task stopped", metadata: ["task": "\(lease.task)"])
    } catch {
      logger.warning("task failed", metadata: ["task": "\(lease.task)", "reason": "\(error)"])
      desk.posts.post(.failed(lease, message: "\(error)"))
    }
  }
}
