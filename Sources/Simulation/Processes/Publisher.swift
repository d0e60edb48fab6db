import DequeModule
import Scheduling
import Store

/// Gives committed blobs their names, one after the other, and shows them to readers; every step is idempotent.
struct Publisher {
  enum Item {
    case publish(JobID, [Report])
    case finish(JobID)
  }

  /// One thing that the disk does.
  enum Step {
    case link(Path, Digest)
    case syncName(Path)
    case write(Path, Content)
    case syncFile(Int)
    case rename(Int, Path)
    case finish(JobID)
  }

  fileprivate var items = Deque<Item>()
  fileprivate var steps = Deque<Step>()
  fileprivate var isBusy = false
  /// Committed segments of each chain, and what is shown, by job and group.
  fileprivate var committed: [Path: [Int]] = [:]
  fileprivate var shown: [Path: ZarrExtent] = [:]

  /// Commits that wait to be published.
  var backlog: Int { items.count + (isBusy ? 1 : 0) }
}

extension CoordinatorProcess {
  func publish(_ reports: [Report], of job: JobID) {
    let reports = reports.filter { !$0.isEmpty }
    guard !reports.isEmpty else { return }
    publisher.items.append(.publish(job, reports))
    goOnPublishing()
  }

  func finish(_ job: JobID) {
    publisher.items.append(.finish(job))
    goOnPublishing()
  }

  private func goOnPublishing() {
    guard !publisher.isBusy else { return }
    while publisher.steps.isEmpty, let item = publisher.items.popFirst() { publisher.steps = steps(of: item) }
    guard !publisher.steps.isEmpty else { return }
    publisher.isBusy = true
    cluster.timeline.add(.published(self), at: cluster.now.advanced(bySeconds: cluster.fsyncSeconds()))
  }

  /// The disk has done the next step.
  func finishPublishingStep() {
    guard let step = publisher.steps.first else { return }
    if cluster.disk.isFull, step.needsSpace {
      // The commits are safe, and it goes on when there is space.
      return cluster.timeline.add(.published(self), at: cluster.now.advanced(bySeconds: 1))
    }
    publisher.steps.removeFirst()
    publisher.isBusy = false
    carryOut(step)
    goOnPublishing()
  }

  private func carryOut(_ step: Publisher.Step) {
    switch step {
    case .link(let path, let digest):
      guard let file = cluster.disk.file(at: .blob(digest)) else {
        return cluster.fail(.safety, "G3", "the blob of \(path) is not in the store any more")
      }
      cluster.disk.rename(file, to: path)
    case .syncName(let path): cluster.disk.sync(nameOf: path)
    case .write(let path, let content):
      let file = cluster.disk.create(content)
      // The file has a temporary name until it is whole on the disk.
      if cluster.mutant != .metadataNotSynced { publisher.steps.prepend(.syncFile(file)) }
      let position = cluster.mutant == .metadataNotSynced ? 0 : 1
      publisher.steps.insert(contentsOf: [.rename(file, path), .syncName(path)], at: position)
    case .syncFile(let file): cluster.disk.sync(file: file)
    case .rename(let file, let path):
      cluster.disk.rename(file, to: path)
      cluster.look(at: path)
    case .finish(let job): published(job)
    }
  }

  private func steps(of item: Publisher.Item) -> Deque<Publisher.Step> {
    switch item {
    case .finish(let job): return [.finish(job)]
    case .publish(let job, let reports):
      var names = Deque<Publisher.Step>()
      for report in reports {
        let task = report.commit.lease.task
        let path = Path.draws(job: job.rawValue, group: task.group, chain: task.index, segment: report.commit.segment)
        let file = cluster.disk.file(at: path)
        // A name that a crash has left may not be synced yet.
        guard let draws = report.draws else { continue }
        if file == nil || file != cluster.disk.file(at: .blob(draws)) { names.append(.link(path, draws)) }
        names.append(.syncName(path))
        note(report)
      }
      let shows = show(job, groups: Set(reports.map(\.commit.lease.task.group)).sorted())
      return cluster.mutant == .shownBeforeNamed ? shows + names : names + shows
    }
  }

  private func note(_ report: Report) {
    let task = report.commit.lease.task
    let path = Path.metadata(job: task.job.rawValue, group: task.group)
    let chains = cluster.catalogue.job(task.job).job.groups[task.group].count
    publisher.committed[path, default: Array(repeating: 0, count: chains)][task.index] = report.commit.segment + 1
  }

  /// Replaces the metadata where the largest rectangle without a gap has grown.
  private func show(_ job: JobID, groups: [Int]) -> Deque<Publisher.Step> {
    var steps = Deque<Publisher.Step>()
    for group in groups {
      let path = Path.metadata(job: job.rawValue, group: group)
      let extent = ZarrExtent.largest(committed: publisher.committed[path] ?? [])
      guard extent != publisher.shown[path] ?? .empty else { continue }
      publisher.shown[path] = extent
      steps.append(.write(path, .extent(chains: extent.chains, draws: extent.draws)))
    }
    return steps
  }
}

extension Publisher.Step {
  fileprivate var needsSpace: Bool {
    switch self {
    case .link, .write: true
    case .syncName, .syncFile, .rename, .finish: false
    }
  }
}

/// A blob on its way from a worker to the disk of the coordinator.
struct Upload {
  let blob: Blob
  let connection: Connection
}

extension CoordinatorProcess {
  func upload(_ blob: Blob, from connection: Connection) {
    goOnSoon(with: Upload(blob: blob, connection: connection))
  }

  private func goOnSoon(with upload: Upload) {
    cluster.timeline.add(.uploaded(self, upload), at: cluster.now.advanced(bySeconds: cluster.fsyncSeconds()))
  }

  /// First the bytes are written and synced, and get their name; then the name is synced, and the worker is told.
  func goOn(with upload: Upload) {
    let path = Path.blob(upload.blob.digest)
    let isSyncing = cluster.mutant != .blobNotSynced
    if cluster.disk.file(at: path) != nil {
      if isSyncing { cluster.disk.sync(nameOf: path) }
      return stored(upload.blob.digest, from: upload.connection, isStored: true)
    }
    guard !cluster.disk.isFull else { return stored(upload.blob.digest, from: upload.connection, isStored: false) }
    cluster.disk.store(.bytes(upload.blob.bytes), as: path, syncing: isSyncing)
    goOnSoon(with: upload)
  }
}

extension Disk {
  /// Writes a file and names it; the name is not synced yet.
  mutating func store(_ content: Content, as path: Path, syncing: Bool) {
    let file = create(content)
    if syncing { sync(file: file) }
    rename(file, to: path)
  }
}
