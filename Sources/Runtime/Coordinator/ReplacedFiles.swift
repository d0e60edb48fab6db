import Scheduling

extension [CommitReport] {
  /// The commits without the files that a later commit of the same task brings under the same name: a task may so keep a file
  /// of its own up to date, and the blobs of what it has replaced are garbage.
  ///
  /// The commits of each task must be in the order of their segments.
  var withoutReplacedFiles: [CommitReport] {
    var seen: [TaskID: Set<String>] = [:]
    let kept = reversed().map { report in
      guard let outputs = report.outputs else { return report }
      var report = report
      report.outputs = outputs.filter { seen[report.commit.lease.task, default: []].insert($0.name).inserted }
      return report
    }
    return kept.reversed()
  }
}
