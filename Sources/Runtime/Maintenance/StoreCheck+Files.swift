import Foundation
import Glibc
import Scheduling
import Store

extension StoreCheck {
  /// Compares a job's folder with what its commits say.
  func checkFiles(of job: Catalogue.StoredJob, _ reports: [CommitReport]) throws(StoreError) {
    try checkDescription(of: job)
    for report in reports {
      for output in report.outputs ?? [] { checkName(output, of: job) }
    }
    try checkZarr(of: job, reports)
  }

  /// Names all files of a job again, and shows readers what is committed now.
  /// - Parameter isReset: Whether segments were taken back, so that there is less to show.
  func publishAgain(_ job: Catalogue.StoredJob, _ reports: [CommitReport], isReset: Bool) throws(StoreError) {
    // The metadata goes first, and comes back last.
    remove(isReset ? [ZarrLayout.metadataPath, ".zarray"] : [ZarrLayout.metadataPath], of: job)
    var publication = JobPublication(of: job.name, in: store)
    _ = try publication.publish(reports)
    if job.outcome != nil { try publication.finish() }
  }

  /// Removes all files of a job with one of these names, in whichever folder.
  private func remove(_ names: Set<String>, of job: Catalogue.StoredJob) {
    let files = try? FileManager.default.subpathsOfDirectory(atPath: store.folder(of: job.name).path)
    for file in files ?? [] where names.contains((file as NSString).lastPathComponent) { remove(file, of: job) }
  }

  private func checkDescription(of job: Catalogue.StoredJob) throws(StoreError) {
    let folder = store.folder(of: job.name)
    guard job.isPublished || folder.contains("job.yaml"),
      (try? DurableFile.read("\(folder.path)/job.yaml")) != Array(job.yaml.utf8)
    else { return }
    note("\(job.name)/job.yaml is not the job as submitted", remedy: "written again")
    if isRepairing { try folder.write(Array(job.yaml.utf8), as: "job.yaml") }
  }

  /// A name that is missing is no fault before a job has ended: the coordinator gives it at its next start.
  private func checkName(_ output: Output, of job: Catalogue.StoredJob) {
    let path = "\(store.folder(of: job.name).path)/\(output.name)"
    guard access(path, F_OK) == 0 else {
      if job.isPublished { note("\(job.name)/\(output.name) is missing", remedy: remedy(for: output)) }
      return
    }
    if DurableFile.isSame(path, store.blobs.path(of: output.digest)), !damaged.contains(output.digest) { return }
    if let bytes = try? DurableFile.read(path), Digest(of: bytes) == output.digest { return }
    note("\(job.name)/\(output.name) is damaged", remedy: remedy(for: output))
    remove(output.name, of: job)
  }

  private func remedy(for output: Output) -> String {
    isWhole(output.digest) ? "named again from its blob" : "comes back with its segment"
  }

  /// What readers are shown must be what is committed, as soon as it cannot change any more. Before, the coordinator shows
  /// it anew at its next start, but for what stands there from the beginning.
  private func checkZarr(of job: Catalogue.StoredJob, _ reports: [CommitReport]) throws(StoreError) {
    guard let reference = reports.lazy.compactMap(\.layout).first, isWhole(reference.digest),
      job.isPublished || store.folder(of: job.name).contains("\(reference.name)/\(ZarrLayout.metadataPath)")
    else { return }
    let layout = try store.layout(reference, of: job.name)
    var files = layout.initialFiles().map { ($0.path, $0.bytes) }
    if job.isPublished {
      let extents = layout.extents(of: reports.map { ($0.commit.lease.task.index, $0.extent ?? [:]) })
      files += layout.finalFiles(extents: extents).map { ($0.path, $0.bytes) }
      files.append((ZarrLayout.metadataPath, layout.metadata(extents: extents)))
    }
    for (path, bytes) in files {
      let name = "\(reference.name)/\(path)"
      guard (try? DurableFile.read("\(store.folder(of: job.name).path)/\(name)")) != bytes else { continue }
      note("\(job.name)/\(name) is not what is committed", remedy: "written again")
    }
  }

  func remove(_ name: String, of job: Catalogue.StoredJob) {
    if isRepairing { unlink("\(store.folder(of: job.name).path)/\(name)") }
  }
}
