import Foundation

/// Files by their names, as a folder or a tar archive holds them: how a folder travels to other hosts as one blob.
public struct FileBundle: Equatable, Sendable {
  /// Names of the files with `/` between folders, in the order of the archive; sorted by their UTF-8 bytes in a folder.
  public private(set) var names: [String] = []
  private var files: [String: ArraySlice<UInt8>] = [:]

  /// Makes a bundle without files.
  public init() {}

  /// The bytes of a file; the later of two of one name.
  public subscript(name: String) -> ArraySlice<UInt8>? { files[name] }

  /// Adds a file at the end, or replaces the one of this name.
  public mutating func add(_ name: String, _ bytes: ArraySlice<UInt8>) {
    if files.updateValue(bytes, forKey: name) == nil { names.append(name) }
  }

  /// Adds a file at the end, or replaces the one of this name.
  public mutating func add(_ name: String, _ bytes: [UInt8]) { add(name, bytes[...]) }

  /// Bytes of all files.
  public var byteCount: Int { files.values.reduce(0) { $0 + $1.count } }
}

extension FileBundle {
  /// Reads a folder and what is below it, but for hidden files; links are followed.
  ///
  /// Throws `FormatError.Code.archive` for a folder or file that cannot be read, more than `bytesMax` bytes, or no file.
  public init(folder path: String, bytesMax: Int = 1 << 33) throws(FormatError) {
    let root = URL(filePath: path).resolvingSymlinksInPath()
    let found = FileManager.default.enumerator(
      at: root, includingPropertiesForKeys: [.isRegularFileKey, .fileSizeKey], options: [.skipsHiddenFiles])
    var paths: [(name: String, url: URL)] = []
    var size = 0
    for case let url as URL in found ?? FileManager.DirectoryEnumerator() {
      let file = url.resolvingSymlinksInPath()
      let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
      guard values?.isRegularFile == true else { continue }
      size += values?.fileSize ?? 0
      guard size <= bytesMax else {
        throw FormatError(.archive, "\(path): the folder holds more than \(bytesMax) bytes; give a part of it")
      }
      paths.append((String(url.path.dropFirst(root.path.count + 1)), file))
    }
    self.init()
    for (name, url) in paths.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      do { add(name, [UInt8](try Data(contentsOf: url))) } catch {
        throw FormatError(.archive, "\(path)/\(name): cannot be read: \(error.localizedDescription)", cause: error)
      }
    }
    guard !names.isEmpty else { throw FormatError(.archive, "\(path): there is no such folder, or no file in it") }
  }

  /// Reads a folder, or a file that is a tar archive, with or without gzip.
  ///
  /// Throws `FormatError.Code.archive`.
  public init(path: String, bytesMax: Int = 1 << 33) throws(FormatError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FormatError(.archive, "\(path): there is no such file or folder")
    }
    if isFolder.boolValue {
      try self.init(folder: path, bytesMax: bytesMax)
      return
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FormatError(.archive, "\(path): cannot be read")
    }
    try self.init(tar: [UInt8](data), file: path)
  }
}
