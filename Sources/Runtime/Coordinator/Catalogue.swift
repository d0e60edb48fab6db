import Foundation
import GRDB
import Scheduling
import Specification
import Store

/// What the coordinator must not forget: jobs, the records of their tasks, and every commit.
///
/// One connection in WAL mode with `synchronous = FULL`: when ``write(_:)`` returns, its changes survive a loss of power
/// (G3). All changes of one turn of the coordinator's loop go into one transaction, so they share one fsync.
final class Catalogue: TaskCatalogue {
  private let queue: DatabaseQueue

  /// A change to be made durable.
  enum Change: CatalogueChange {
    case task(TaskID, Job.Task)
    case commit(CommitReport)
    case attempt(Attempt)
    /// A task was handed back inside a segment.
    case pause(TaskID, Pause)
    /// How a job has ended; nil if it runs again.
    case outcome(JobID, Job.Outcome?)
    /// All files of an ended job have their names.
    case finished(JobID)
    /// Nothing shall be known of an ended job any more.
    case removed(JobID)
  }

  /// A job as it was submitted.
  struct StoredJob: Sendable {
    let id: JobID
    let name: String
    let share: Int
    let file: String
    let yaml: String
    let inputs: [String: Digest]
    let plan: Plan
    var outcome: Job.Outcome?
    /// Whether all its files have their names.
    var isPublished: Bool
  }

  /// Opens the catalogue for reading, beside the coordinator that writes to it.
  init(reading path: String) throws(StoreError) {
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.label = "catalogue, reading"
      queue = try DatabaseQueue(path: path, configuration: configuration)
    } catch {
      throw StoreError(.inputOutput, "\(path): cannot read the catalogue (\(error)).", cause: error)
    }
  }

  init(path: String) throws(StoreError) {
    do {
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.label = "catalogue"
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase(Self.makeDurable)
      try Self.migrator.migrate(queue)
    } catch {
      throw StoreError(
        .notWritable,
        "\(path): cannot open the catalogue (\(error)). Check that the folder is writable and has space.", cause: error)
    }
  }

  /// GRDB sets `synchronous = NORMAL` when it enters WAL mode, with which a commit may be lost with the power.
  private static func makeDurable(_ database: Database) throws {
    try database.execute(sql: "PRAGMA synchronous = FULL")
    let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
    let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode")
    guard synchronous == 2, journal == "wal" else {
      throw DatabaseError(message: "SQLite refuses synchronous = FULL in WAL mode (\(journal ?? "none"))")
    }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          CREATE TABLE job (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, priority INTEGER NOT NULL,
            file TEXT NOT NULL, yaml TEXT NOT NULL, inputs BLOB NOT NULL, plan BLOB NOT NULL, outcome TEXT,
            published INTEGER NOT NULL DEFAULT 0);
          CREATE TABLE task (
            job INTEGER NOT NULL, "group" INTEGER NOT NULL, "index" INTEGER NOT NULL, epoch INTEGER NOT NULL,
            segments INTEGER NOT NULL, failures INTEGER NOT NULL, losses INTEGER NOT NULL, state TEXT NOT NULL,
            worker TEXT, PRIMARY KEY (job, "group", "index")) WITHOUT ROWID;
          CREATE TABLE "commit" (
            job INTEGER NOT NULL, "group" INTEGER NOT NULL, "index" INTEGER NOT NULL, segment INTEGER NOT NULL,
            epoch INTEGER NOT NULL, report BLOB,
            PRIMARY KEY (job, "group", "index", segment)) WITHOUT ROWID;
          CREATE TABLE failure (
            job INTEGER NOT NULL, "group" INTEGER NOT NULL, "index" INTEGER NOT NULL, message TEXT NOT NULL,
            PRIMARY KEY (job, "group", "index")) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2") { database in
      try database.execute(
        sql: """
          ALTER TABLE job RENAME COLUMN priority TO share;
          UPDATE job SET share = 1;
          CREATE TABLE attempt (
            id INTEGER PRIMARY KEY, job INTEGER NOT NULL, "group" INTEGER NOT NULL, "index" INTEGER NOT NULL,
            epoch INTEGER NOT NULL, worker TEXT NOT NULL, reason TEXT NOT NULL, time REAL NOT NULL);
          CREATE INDEX attemptOfTask ON attempt (job, "group", "index");
          INSERT INTO attempt (job, "group", "index", epoch, worker, reason, time)
            SELECT job, "group", "index", 0, '', message, 0 FROM failure;
          DROP TABLE failure;
          CREATE TABLE pause (
            job INTEGER NOT NULL, "group" INTEGER NOT NULL, "index" INTEGER NOT NULL, segment INTEGER NOT NULL,
            checkpoint TEXT NOT NULL, PRIMARY KEY (job, "group", "index")) WITHOUT ROWID;
          """)
    }
    return migrator
  }

  /// Makes changes durable, all or none.
  func write(_ changes: [Change]) throws(StoreError) {
    guard !changes.isEmpty else { return }
    try wrap("write to the catalogue") {
      try queue.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          for change in changes { try Self.apply(change, to: database) }
          return .commit
        }
      }
    }
  }

  private static func apply(_ change: Change, to database: Database) throws {
    switch change {
    case .task(let id, let record): try save(record, of: id, to: database)
    case .commit(let report): try save(report, to: database)
    case .attempt(let attempt): try save(attempt, to: database)
    case .pause(let id, let pause):
      try database.cachedStatement(sql: "REPLACE INTO pause VALUES (?, ?, ?, ?, ?)")
        .execute(arguments: [id.job.rawValue, id.group, id.index, pause.segment, pause.checkpoint.description])
    case .outcome(let job, let outcome):
      try database.cachedStatement(sql: "DELETE FROM pause WHERE job = ?").execute(arguments: [job.rawValue])
      // Its files are complete once it is finished.
      try database.cachedStatement(sql: "UPDATE job SET outcome = ?, published = 0 WHERE id = ?")
        .execute(arguments: [outcome?.rawValue, job.rawValue])
    case .removed(let job):
      // Asked of the schema, so that no table can be forgotten.
      let tables = """
        SELECT t.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND c.name = 'job'
        """
      for table in try String.fetchAll(database, sql: tables) {
        try database.execute(sql: "DELETE FROM \"\(table)\" WHERE job = ?", arguments: [job.rawValue])
      }
      try database.execute(sql: "DELETE FROM job WHERE id = ?", arguments: [job.rawValue])
    case .finished(let job):
      try database.cachedStatement(sql: "UPDATE job SET published = 1 WHERE id = ?").execute(arguments: [job.rawValue])
    }
  }

  private static func save(_ record: Job.Task, of id: TaskID, to database: Database) throws {
    let worker: String? = if case .leased(let worker) = record.state { worker.rawValue } else { nil }
    try database.cachedStatement(sql: "REPLACE INTO task VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
      id.job.rawValue, id.group, id.index, record.epoch, record.segments, record.failures, record.losses,
      record.state.name, worker,
    ])
  }

  /// Only the last attempts at a task are kept, so that an unlucky one does not fill the catalogue.
  private static func save(_ attempt: Attempt, to database: Database) throws {
    let (lease, id) = (attempt.lease, attempt.lease.task)
    try database.cachedStatement(
      sql: """
        INSERT INTO attempt (job, "group", "index", epoch, worker, reason, time) VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      id.job.rawValue, id.group, id.index, lease.epoch, attempt.worker.rawValue, attempt.reason,
      attempt.time.timeIntervalSince1970,
    ])
    try database.cachedStatement(
      sql: """
        DELETE FROM attempt WHERE job = ? AND "group" = ? AND "index" = ? AND id <= (
          SELECT id FROM attempt WHERE job = ? AND "group" = ? AND "index" = ? ORDER BY id DESC LIMIT 1 OFFSET 64)
        """
    ).execute(arguments: [
      id.job.rawValue, id.group, id.index, id.job.rawValue, id.group, id.index,
    ])
  }

  /// A second commit of the same segment violates the primary key: G1 is also the database's own rule.
  private static func save(_ report: CommitReport, to database: Database) throws {
    let (commit, id) = (report.commit, report.commit.lease.task)
    let brings = report.isEmpty ? nil : try JSONEncoder().encode(report)
    try database.cachedStatement(sql: #"INSERT INTO "commit" VALUES (?, ?, ?, ?, ?, ?)"#).execute(arguments: [
      id.job.rawValue, id.group, id.index, commit.segment, commit.lease.epoch, brings,
    ])
  }

  /// Adds a job.
  /// - Returns: Its number.
  func add(
    name: String, share: Int, file: String, yaml: String, inputs: [String: Digest], plan: Plan
  ) throws(StoreError) -> JobID {
    try wrap("write to the catalogue") {
      try queue.write { database in
        let encoder = JSONEncoder()
        try database.execute(
          sql: "INSERT INTO job (name, share, file, yaml, inputs, plan) VALUES (?, ?, ?, ?, ?, ?)",
          arguments: [name, share, file, yaml, try encoder.encode(inputs), try encoder.encode(plan)])
        return JobID(rawValue: Int(database.lastInsertedRowID))
      }
    }
  }

  /// Makes a change durable that is no turn of a coordinator.
  func change(_ body: (Database) throws -> Void) throws(StoreError) {
    try wrap("write to the catalogue") { try queue.write(body) }
  }

  func copy(into other: DatabaseQueue) throws { try queue.backup(to: other) }

  func wrap<Value>(_ action: String, _ body: () throws -> Value) throws(StoreError) -> Value {
    do {
      return try body()
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
      throw StoreError(.full, "Cannot \(action): the disk is full. Free some space and start again.", cause: error)
    } catch {
      throw StoreError(.inputOutput, "Cannot \(action): \(error).", cause: error)
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    try wrap("read the catalogue") { try queue.inDatabase(body) }
  }
}

/// Where a task stopped inside a segment: what it goes on from, as long as that segment is the next one to commit.
struct Pause: Equatable, Sendable {
  let segment: Int
  let checkpoint: Digest
}

extension CommitReport {
  /// Whether the commit brings nothing: there is nothing to publish, then, nor to go on from.
  var isEmpty: Bool { outputs == nil && checkpoint == nil && layout == nil && extent == nil }
}

extension Job.Task.State {
  /// The word for the state in the catalogue and in answers to clients.
  var name: String {
    switch self {
    case .queued: "queued"
    case .backingOff: "waiting to retry"
    case .leased: "running"
    case .completed: "completed"
    case .failed: "failed"
    }
  }
}
