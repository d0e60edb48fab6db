import ArgumentParser
import Runtime
import Specification

struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Checks, repairs and backs up a store.",
    subcommands: [CheckCommand.self, BackupCommand.self])
}

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Reads every blob, commit and published file of a store that no coordinator uses.",
    discussion: """
      With --repair, damaged files are taken from their copies, and what has none is computed again, with the same bytes, \
      when a coordinator runs on the store.

      Exit codes: 0 whole, or repaired; 1 damaged; 66 no store there; 73 a coordinator uses it.
      """)

  /// Findings printed; a broken disk has thousands.
  private static let findingsShown = 30

  @Argument(help: "Folder of the store.", completion: .directory)
  var store: String

  @Flag(help: "Repair what can be repaired.")
  var `repair` = false

  func run() throws {
    try ProcessEnd.reporting {
      let check = try StoreCheck(store, isRepairing: self.repair)
      try check.run()
      for finding in check.findings.prefix(Self.findingsShown) { print(finding) }
      let more = check.findings.count - Self.findingsShown
      if more > 0 { print("and \(more) more") }
      print(
        "\(check.jobCount) jobs, \(check.blobCount) blobs, \(ByteCount(bytes: check.bytes).rounded): \(verdict(check))")
      if !check.findings.isEmpty, !self.repair || !check.isRepairable { throw ExitCode(1) }
    }
  }

  private func verdict(_ check: StoreCheck) -> String {
    switch (check.findings.isEmpty, self.repair, check.isRepairable) {
    case (true, _, _): "whole"
    case (_, true, true): "repaired"
    case (_, true, false): "repaired, but for what cannot be"
    case (_, false, _): "damaged; --repair does what is said above"
    }
  }
}

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copies a store, also while its coordinator runs.",
    discussion: """
      Run it on the coordinator's host. Blobs are linked where both folders are on one file system, else copied; a second \
      call copies what is new. To restore, start a coordinator on the backup: it names the files of all jobs anew and goes on.

      Exit codes: 0 done; 1 blobs are damaged, the older backup stands; 66 no store there; 73 the destination cannot be used.
      """)

  @Argument(help: "Folder of the store.", completion: .directory)
  var store: String

  @Argument(help: "Folder of the backup: new, empty, or an older backup of the same store.", completion: .directory)
  var destination: String

  func run() throws {
    try ProcessEnd.reporting {
      let summary = try StoreBackup(of: store, to: destination).run()
      guard summary.damaged.isEmpty else {
        for digest in summary.damaged.prefix(10) { print("blob \(digest) is missing or damaged") }
        throw CommandError(
          "\(summary.damaged.count) blobs cannot be copied. Run `tributary store check \(store)`.", exitCode: 1)
      }
      let copied = ByteCount(bytes: summary.bytesCopied).rounded
      print("\(summary.blobs) blobs, \(summary.newBlobs) of them new (\(copied) copied), \(summary.removed) removed")
    }
  }
}
