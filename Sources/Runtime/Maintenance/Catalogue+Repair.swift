import Foundation
import GRDB
import Scheduling
import Store

extension Catalogue {
  /// What SQLite finds wrong with the file; empty if nothing.
  func faults() throws(StoreError) -> [String] {
    try read { database in
      try String.fetchAll(database, sql: "PRAGMA integrity_check(10)").filter { $0 != "ok" }
    }
  }

  /// All commits of a job, in the order of their tasks and segments, those that bring nothing included; of files that a task
  /// has brought again, only the newest.
  func commits(of job: JobID) throws(StoreError) -> [CommitReport] {
    try read { database in
      let sql = #"SELECT * FROM "commit" WHERE job = ? ORDER BY "group", "index", segment"#
      let decoder = JSONDecoder()
      return try Row.fetchAll(database, sql: sql, arguments: [job.rawValue]).map { row in
        if let report = row["report"] as Data? { return try decoder.decode(CommitReport.self, from: report) }
        let task = TaskID(job: job, group: row["group"], index: row["index"])
        return CommitReport(
          commit: Commit(lease: Lease(task: task, epoch: row["epoch"]), segment: row["segment"], isLast: false))
      }.withoutReplacedFiles
    }
  }

  /// Takes a task back to where it had committed `segments`, so that the rest is computed again; a job that was completed
  /// is running again with it.
  func reset(_ task: TaskID, to segments: Int) throws(StoreError) {
    try change { database in
      let place: StatementArguments = [task.job.rawValue, task.group, task.index]
      let isTask = #"job = ? AND "group" = ? AND "index" = ?"#
      try database.execute(
        sql: #"DELETE FROM "commit" WHERE \#(isTask) AND segment >= ?"#, arguments: place + [segments])
      try database.execute(sql: "DELETE FROM pause WHERE \(isTask)", arguments: place)
      try database.execute(
        sql: """
          UPDATE task SET segments = ?, epoch = epoch + 1, worker = NULL,
            state = CASE state WHEN 'failed' THEN state ELSE 'queued' END WHERE \(isTask)
          """, arguments: [segments] + place)
      try database.execute(
        sql: "UPDATE job SET outcome = NULL, published = 0 WHERE id = ? AND outcome = 'completed'",
        arguments: [task.job.rawValue])
    }
  }

  /// Changes what a commit has brought.
  func replace(_ report: CommitReport) throws(StoreError) {
    try change { database in
      let (commit, task) = (report.commit, report.commit.lease.task)
      try database.execute(
        sql: #"UPDATE "commit" SET report = ? WHERE job = ? AND "group" = ? AND "index" = ? AND segment = ?"#,
        arguments: [
          try JSONEncoder().encode(report), task.job.rawValue, task.group, task.index, commit.segment,
        ])
    }
  }

  /// Forgets that a task stopped inside a segment: it goes on from its last commit.
  func forgetPause(of task: TaskID) throws(StoreError) {
    try change { database in
      try database.execute(
        sql: #"DELETE FROM pause WHERE job = ? AND "group" = ? AND "index" = ?"#,
        arguments: [task.job.rawValue, task.group, task.index])
    }
  }

  /// Writes a copy as it is now, while the coordinator goes on.
  func copy(to path: String) throws(StoreError) {
    try wrap("copy the catalogue") { try copy(into: try DatabaseQueue(path: path)) }
  }

  /// Makes a copy the beginning of a life of its own: files are to be named anew, and nothing that workers of the original
  /// still hold or are given later can be taken for a lease of the copy.
  func detach() throws(StoreError) {
    try change { database in
      try database.execute(sql: "UPDATE job SET published = 0")
      try database.execute(
        sql: """
          UPDATE task SET epoch = epoch + 1000000, worker = NULL,
            state = CASE state WHEN 'running' THEN 'queued' ELSE state END
          """)
    }
  }
}
