import Scheduling

/// G4 and G5: what a reader finds in the store, at any time.
extension Ledger {
  /// A file of the store has changed; a reader who opens it now sees only whole files with the right bytes.
  func look(at path: Path, _ disk: Disk) {
    guard case .metadata(let job, let group) = path else { return }
    look(atDrawsOf: job, group, disk)
  }

  func lookAtAll(of job: JobID, _ disk: Disk) {
    for group in (works[job]?.draft.groups ?? []).indices { look(atDrawsOf: job.rawValue, group, disk) }
  }

  private func look(atDrawsOf job: Int, _ group: Int, _ disk: Disk) {
    guard let metadata = disk.read(.metadata(job: job, group: group)) else { return }
    guard case .extent(let chains, let draws) = metadata else {
      return check(false, "G5", "the metadata of job \(job), group \(group), is half written")
    }
    guard let results = works[JobID(rawValue: job)]?.results[group] else { return }
    for chain in 0..<chains {
      for segment in 0..<draws {
        let name = "segment \(segment) of task \(job).\(group).\(chain)"
        let content = disk.read(.draws(job: job, group: group, chain: chain, segment: segment))
        guard let content else { return check(false, "G5", "a reader finds a hole where \(name) should be") }
        check(content != .torn, "G5", "a reader finds half of \(name)")
        let expected = results[chain].indices.contains(segment) ? results[chain][segment] : 0
        check(content == .bytes(expected), "G4", "a reader finds other draws in \(name) than in an undisturbed run")
      }
    }
  }

  /// G4: in the end everything that was committed is in the store, and that of a completed job is all there is.
  func checkResults() {
    for (id, work) in works where !options.bringsNothing {
      lookAtAll(of: id, cluster.disk)
      guard outcomes[id] == .completed else { continue }
      for (group, results) in work.results.enumerated() where !results.isEmpty {
        // How many tasks start beside others depends on the circumstances.
        guard work.draft.groups[group].beside == nil else { continue }
        let whole = Content.extent(chains: results.count, draws: work.draft.segments[group])
        check(
          cluster.disk.read(.metadata(job: id.rawValue, group: group)) == whole, "G4",
          "job \(id) is completed, and a reader does not find all draws of group \(group)")
      }
    }
  }
}
