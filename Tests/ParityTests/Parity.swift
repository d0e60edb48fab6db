import Foundation
import Formats

/// Computes what some cases hold and compares. Each file `…Cases.swift` beside this one has a list of them.
struct ParityChecker: Sendable {
  /// Whether a case is one of this checker's.
  let accepts: @Sendable (ParityCase) -> Bool
  /// Compares; throws `NotBuilt` for a case that names something that is not there.
  let check: @Sendable (ParityCase, inout Comparison) throws -> Void

  /// A checker of every case of a kind.
  init(kind: String, _ check: @escaping @Sendable (ParityCase, inout Comparison) throws -> Void) {
    self.init(accepts: { $0.kind == kind }, check)
  }

  /// A checker of the cases that `accepts` picks; the first checker of the list that accepts a case gets it.
  init(
    accepts: @escaping @Sendable (ParityCase) -> Bool,
    _ check: @escaping @Sendable (ParityCase, inout Comparison) throws -> Void
  ) {
    self.accepts = accepts
    self.check = check
  }
}

/// All cases of a folder, each given to its checker.
struct Parity {
  /// What came of one case.
  enum Outcome: Equatable { case passed, failed, skipped }

  /// Every checker there is; the first that accepts a case gets it.
  static var checkers: [ParityChecker] {
    modelCheckers + textModelCheckers + textCheckers + schedulerCheckers + karrasCheckers + scheduleCheckers
      + lossCheckers + emaCheckers + embeddingCheckers + metricCheckers
  }

  /// What came of each case, in the manifest's order.
  private(set) var results: [(file: String, outcome: Outcome, line: String)] = []

  /// Runs every case of the manifest in `folder`, telling `report` a line for each and the counts at the end.
  init(folder: URL, checkers: [ParityChecker] = Self.checkers, report: (String) -> Void) throws {
    let manifest = try JSON(bytes: [UInt8](Data(contentsOf: folder.appending(path: "MANIFEST.json"))))
    guard let entries = manifest["files"]?.elements else { throw Unusable("the manifest has no list `files`") }
    for entry in entries {
      let (outcome, text) = Self.run(entry, folder: folder, checkers: checkers)
      let file = entry["file"]?.text ?? "?"
      results.append((file, outcome, "\(outcome): \(file): \(text)"))
      report(results[results.count - 1].line)
    }
    report("\(count(.passed)) passed, \(count(.failed)) failed, \(count(.skipped)) skipped")
  }

  /// How many cases ended so.
  func count(_ outcome: Outcome) -> Int { results.count { $0.outcome == outcome } }

  private static func run(_ entry: JSON, folder: URL, checkers: [ParityChecker]) -> (Outcome, String) {
    do {
      let reference = try ParityCase(entry, folder: folder)
      guard let checker = checkers.first(where: { $0.accepts(reference) }) else {
        let what = (entry["model"] ?? entry["scheduler"] ?? entry["sampler"])?.text.map { " of \($0)" } ?? ""
        return (.skipped, "kind “\(reference.kind)”\(what) is not built")
      }
      var comparison = Comparison(reference)
      try checker.check(reference, &comparison)
      guard let worst = comparison.worst else { return (.failed, "nothing was compared") }
      let text = "worst error \(short(worst.error)) of \(short(worst.tolerance)) allowed, in \(worst.name)"
      return (comparison.holds ? .passed : .failed, "\(text); \(comparison.count) arrays")
    } catch let error as NotBuilt {
      return (.skipped, "\(error.name) is not built")
    } catch {
      return (.failed, "\(error)")
    }
  }

  private static func short(_ value: Double) -> String { String(format: "%.1e", value) }
}
