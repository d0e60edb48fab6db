import Foundation
import GRDB
import Scheduling
import Store

extension Catalogue {
  /// Visits every blob that the jobs need: their inputs, all that they have published, and what each task that has not
  /// ended goes on from, those included that a failed job would go on with if it is tried again. Seen in one snapshot, however
  /// long it takes.
  func visitReferences(_ visit: (Digest) throws -> Void) throws(StoreError) {
    try read { database in
      try database.inTransaction(.deferred) {
        let decoder = JSONDecoder()
        for row in try Row.fetchAll(database, sql: "SELECT id, inputs, outcome FROM job") {
          try decoder.decode([String: Digest].self, from: row["inputs"] as Data).values.forEach(visit)
          let outcome = (row["outcome"] as String?).flatMap(Job.Outcome.init)
          try Self.visitCommits(of: row["id"], isOpen: outcome == nil || outcome == .failed, database, visit)
        }
        for checkpoint in try String.fetchAll(database, sql: "SELECT checkpoint FROM pause") {
          try Digest(checkpoint).map(visit)
        }
        return .commit
      }
    }
  }

  private static func visitCommits(
    of job: Int, isOpen: Bool, _ database: Database, _ visit: (Digest) throws -> Void
  ) throws {
    let sql = #"SELECT "group", "index", report FROM "commit" WHERE job = ? ORDER BY "group", "index", segment"#
    let decoder = JSONDecoder()
    var last: (task: [Int], checkpoint: Digest?, files: [String: Digest]) = ([], nil, [:])
    let rows = try Row.fetchCursor(database, sql: sql, arguments: [job])
    while let row = try rows.next() {
      let task: [Int] = [row["group"], row["index"]]
      let report = try (row["report"] as Data?).map { try decoder.decode(CommitReport.self, from: $0) }
      try (report?.layout?.digest).map(visit)
      if task != last.task {
        try last.checkpoint.map(visit)
        try last.files.values.forEach(visit)
        last = (task, nil, [:])
      }
      // A later file of the same name replaces the one before.
      for output in report?.outputs ?? [] { last.files[output.name] = output.digest }
      last.checkpoint = isOpen ? report?.checkpoint : nil
    }
    try last.checkpoint.map(visit)
    try last.files.values.forEach(visit)
  }
}
