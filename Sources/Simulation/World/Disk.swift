import Store

/// Names a blob by its bytes.
typealias Digest = UInt64

/// A file of the store.
enum Path: Hashable {
  case blob(Digest)
  /// The draws of a segment, under their name in the job's folder.
  case draws(job: Int, group: Int, chain: Int, segment: Int)
  /// The consolidated metadata of a group's draws, by which readers see them.
  case metadata(job: Int, group: Int)
}

/// What a file holds; half-written after a loss of power that came before its fsync.
enum Content: Equatable {
  case bytes(UInt64)
  case extent(chains: Int, draws: Int)
  case torn
}

/// A disk that forgets at a loss of power what was not synced: the contents of files, and their names.
struct Disk {
  private struct File {
    var content: Content
    var isSynced = false
  }

  var isFull = false
  /// How much longer everything takes than it should.
  var slowness = 1.0
  private var files: [File] = []
  private var names: [Path: Int] = [:]
  /// Names that a loss of power may take back, with what they named before.
  private var unsyncedNames: [(path: Path, before: Int?)] = []
  private var unsyncedFiles: [Int] = []

  /// Writes a file that has no name yet.
  mutating func create(_ content: Content) -> Int {
    files.append(File(content: content))
    unsyncedFiles.append(files.count - 1)
    return files.count - 1
  }

  mutating func sync(file: Int) {
    files[file].isSynced = true
    unsyncedFiles.removeAll { $0 == file }
  }

  /// Gives a file a name, instead of the file that had it.
  mutating func rename(_ file: Int, to path: Path) {
    unsyncedNames.append((path, names[path]))
    names[path] = file
  }

  /// Syncs the folder that a name is in.
  mutating func sync(nameOf path: Path) { unsyncedNames.removeAll { $0.path == path } }

  func file(at path: Path) -> Int? { names[path] }

  func read(_ path: Path) -> Content? { names[path].map { files[$0].content } }

  /// Whether a loss of power could not harm this file.
  func isDurable(_ path: Path) -> Bool {
    guard let file = names[path] else { return false }
    return files[file].isSynced && !unsyncedNames.contains { $0.path == path }
  }

  /// Of what was not synced, some is on the disk and some is not.
  mutating func losePower(_ chance: inout Chance) {
    var kept: Set<Path> = []
    for (path, before) in unsyncedNames.reversed() where !kept.contains(path) {
      if chance.oneIn(2) { names[path] = before } else { kept.insert(path) }
    }
    for file in unsyncedFiles where chance.oneIn(2) { files[file].content = .torn }
    // What the disk shows after the start is what it has.
    for file in unsyncedFiles { files[file].isSynced = true }
    (unsyncedNames, unsyncedFiles) = ([], [])
  }
}
