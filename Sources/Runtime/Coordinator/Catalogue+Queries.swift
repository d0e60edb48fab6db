import Foundation
import GRDB
import Scheduling
import Specification
import Store

extension Catalogue {
  /// All jobs, oldest first.
  func jobs() throws(StoreError) -> [StoredJob] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM job ORDER BY id").map(Self.job)
    }
  }

  private static func job(_ row: Row) throws -> StoredJob {
    let decoder = JSONDecoder()
    return StoredJob(
      id: JobID(rawValue: row["id"]), name: row["name"], share: row["share"], file: row["file"],
      yaml: row["yaml"],
      inputs: try decoder.decode([String: Digest].self, from: row["inputs"] as Data),
      plan: try decoder.decode(Plan.self, from: row["plan"] as Data),
      outcome: (row["outcome"] as String?).flatMap(Job.Outcome.init), isPublished: row["published"])
  }

  /// The records of a job's tasks.
  func records(of job: JobID) throws(StoreError) -> [(TaskID, Job.Task)] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM task WHERE job = ?", arguments: [job.rawValue]).map(Self.record)
    }
  }

  /// The tasks that made a job fail.
  func failedTasks(of job: JobID, limit: Int) throws(StoreError) -> [(TaskID, Job.Task)] {
    try read { database in
      let sql = "SELECT * FROM task WHERE job = ? AND state = 'failed' LIMIT ?"
      return try Row.fetchAll(database, sql: sql, arguments: [job.rawValue, limit]).map(Self.record)
    }
  }

  private static func record(_ row: Row) -> (TaskID, Job.Task) {
    var record = Job.Task()
    record.epoch = row["epoch"]
    record.segments = row["segments"]
    record.failures = row["failures"]
    record.losses = row["losses"]
    record.state = state(row["state"], worker: row["worker"])
    return (TaskID(job: JobID(rawValue: row["job"]), group: row["group"], index: row["index"]), record)
  }

  /// A task that waits for a retry is restored as queued: instants mean nothing to another process.
  private static func state(_ name: String, worker: String?) -> Job.Task.State {
    switch (name, worker) {
    case ("running", let worker?): .leased(WorkerID(rawValue: worker))
    case ("completed", _): .completed
    case ("failed", _): .failed
    default: .queued
    }
  }

  /// Commits of a job that bring something, in the order of their tasks and segments; of one group only, if given.
  func reports(of job: JobID, group: Int? = nil) throws(StoreError) -> [CommitReport] {
    try reports(of: job, group: group, index: nil)
  }

  /// The same, of one task of a group only, if given.
  ///
  /// Of files that a task has brought again under the same name, there is only the newest.
  func reports(of job: JobID, group: Int?, index: Int?) throws(StoreError) -> [CommitReport] {
    try read { database in
      let sql = """
        SELECT report FROM "commit" WHERE job = ? AND report IS NOT NULL AND (? IS NULL OR "group" = ?)
          AND (? IS NULL OR "index" = ?)
        ORDER BY "group", "index", segment
        """
      let decoder = JSONDecoder()
      let arguments: StatementArguments = [job.rawValue, group, group, index, index]
      return try Data.fetchAll(database, sql: sql, arguments: arguments).map {
        try decoder.decode(CommitReport.self, from: $0)
      }.withoutReplacedFiles
    }
  }

  /// What a task brought with its last commit, if anything.
  func lastReport(of task: TaskID) throws(StoreError) -> CommitReport? {
    try read { database in
      let sql = """
        SELECT report FROM "commit" WHERE job = ? AND "group" = ? AND "index" = ?
        ORDER BY segment DESC LIMIT 1
        """
      let row = try Row.fetchOne(database, sql: sql, arguments: [task.job.rawValue, task.group, task.index])
      let report = row?["report"] as Data?
      return try report.map { try JSONDecoder().decode(CommitReport.self, from: $0) }
    }
  }

  /// The tasks of a job that were handed back inside a segment.
  func pauses(of job: JobID) throws(StoreError) -> [TaskID: Pause] {
    try read { database in
      let rows = try Row.fetchAll(database, sql: "SELECT * FROM pause WHERE job = ?", arguments: [job.rawValue])
      return rows.reduce(into: [:]) { pauses, row in
        guard let checkpoint = Digest(row["checkpoint"] as String) else { return }
        pauses[TaskID(job: job, group: row["group"], index: row["index"])] = Pause(
          segment: row["segment"], checkpoint: checkpoint)
      }
    }
  }

  /// Why the last attempts at tasks of a job ended, of those that ended badly.
  func failures(of job: JobID) throws(StoreError) -> [TaskID: String] {
    try read { database in
      let sql = """
        SELECT * FROM attempt WHERE id IN (SELECT max(id) FROM attempt WHERE job = ? GROUP BY "group", "index")
        """
      let pairs = try Row.fetchAll(database, sql: sql, arguments: [job.rawValue]).map { row in
        (TaskID(job: job, group: row["group"], index: row["index"]), row["reason"] as String)
      }
      return Dictionary(uniqueKeysWithValues: pairs)
    }
  }

  /// The last attempts at a task that ended badly, oldest first.
  func attempts(at task: TaskID) throws(StoreError) -> [Attempt] {
    try read { database in
      let sql = #"SELECT * FROM attempt WHERE job = ? AND "group" = ? AND "index" = ? ORDER BY id"#
      return try Row.fetchAll(database, sql: sql, arguments: [task.job.rawValue, task.group, task.index]).map { row in
        Attempt(
          lease: Lease(task: task, epoch: row["epoch"]), worker: WorkerID(rawValue: row["worker"]),
          reason: row["reason"],
          time: Date(timeIntervalSince1970: row["time"]))
      }
    }
  }
}

extension Catalogue {
  /// Counts the tasks of each group of a job that has ended.
  func counts(of job: StoredJob) throws(StoreError) -> [Scheduler.Counts] {
    let sql = #"SELECT "group", state, count(*) AS count FROM task WHERE job = ? GROUP BY "group", state"#
    let rows = try read { database in
      try Row.fetchAll(database, sql: sql, arguments: [job.id.rawValue]).map { row in
        (group: row["group"] as Int, state: row["state"] as String, count: row["count"] as Int)
      }
    }
    return job.plan.groups.enumerated().map { position, group in
      let counted = { state in rows.first { $0.group == position && $0.state == state }?.count ?? 0 }
      // Of those that accompany other tasks, there were as many as have started.
      let started = rows.reduce(0) { $0 + ($1.group == position ? $1.count : 0) }
      return Scheduler.Counts(
        completed: counted("completed"), failed: counted("failed"), total: group.beside == nil ? group.count : started)
    }
  }
}
