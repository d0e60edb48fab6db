/// A Zarr store that grows under a reader's eyes.
///
/// Chunks may lie in the folder before they are shown. What is shown is the largest rectangle of chains × draws that has no
/// gap, and replacing the consolidated metadata is the only act that shows it.
public struct ZarrPublication: Sendable {
  private let layout: ZarrLayout
  private let name: String
  /// Committed draws of each chain, by counter.
  private var committed: [String: [Int]]
  private var shown: [String: ZarrExtent] = [:]

  /// Starts a store, or takes up one that a crashed process has left: nothing is shown that was not shown already.
  /// - Parameters:
  ///   - name: Path of the store inside the job's folder.
  ///   - layout: What the store holds.
  public init(_ layout: ZarrLayout, name: String, in folder: JobFolder) throws(StoreError) {
    self.layout = layout
    self.name = name
    committed = layout.nothingCommitted
    let isNew = !folder.contains("\(name)/\(ZarrLayout.metadataPath)")
    for file in layout.initialFiles() where isNew { try folder.write(file.bytes, as: "\(name)/\(file.path)") }
    if isNew { try writeMetadata(in: folder) }
  }

  /// Notes what a chain has committed by now, without showing it yet; what the layout does not know is ignored.
  /// - Parameters:
  ///   - extent: Draws by counter.
  ///   - chain: Which chain.
  public mutating func note(_ extent: [String: Int], chain: Int) { layout.note(extent, chain: chain, in: &committed) }

  /// Shows all that can be shown without a gap.
  public mutating func show(in folder: JobFolder) throws(StoreError) {
    let extents = committed.mapValues(ZarrExtent.largest)
    guard extents != shown else { return }
    shown = extents
    try writeMetadata(in: folder)
  }

  /// Completes the store with each array's own metadata, for readers that do not use the consolidated one.
  public func finish(in folder: JobFolder) throws(StoreError) {
    for file in layout.finalFiles(extents: shown) { try folder.write(file.bytes, as: "\(name)/\(file.path)") }
  }

  private func writeMetadata(in folder: JobFolder) throws(StoreError) {
    try folder.write(layout.metadata(extents: shown), as: "\(name)/\(ZarrLayout.metadataPath)")
  }
}

extension ZarrLayout {
  /// What readers are to be shown after these commits, each of a chain and its draws so far.
  public func extents(of commits: [(chain: Int, extent: [String: Int])]) -> [String: ZarrExtent] {
    var committed = nothingCommitted
    for commit in commits { note(commit.extent, chain: commit.chain, in: &committed) }
    return committed.mapValues(ZarrExtent.largest)
  }

  fileprivate var nothingCommitted: [String: [Int]] {
    counters.reduce(into: [:]) { $0[$1.name] = Array(repeating: 0, count: $1.chains) }
  }

  fileprivate func note(_ extent: [String: Int], chain: Int, in committed: inout [String: [Int]]) {
    for counter in counters {
      guard let draws = extent[counter.name], (0..<counter.chains).contains(chain) else { continue }
      let known = committed[counter.name]?[chain] ?? 0
      committed[counter.name]?[chain] = min(counter.draws, max(known, draws))
    }
  }
}
