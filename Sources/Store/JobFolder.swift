import Foundation
import Glibc

/// The folder of a job in the store, `jobs/<job>/`: where blobs get the names that users see.
public struct JobFolder: Sendable {
  public let path: String

  public init(storeFolder: String, job: String) {
    path = "\(storeFolder)/jobs/\(job)"
  }

  /// Gives a blob a name by a hard link, or a copy where the file system has none; doing it again changes nothing.
  /// - Parameters:
  ///   - digest: The blob, which is in `blobs`.
  ///   - name: A relative path.
  /// - Throws: `StoreError`, `.badName` for a name that leads out of the folder.
  public func publish(_ digest: Digest, as name: String, from blobs: BlobStore) throws(StoreError) {
    let target = try path(of: name)
    let source = blobs.path(of: digest)
    // A process that crashed may have left a name that is not synced.
    if DurableFile.isSame(source, target) { return try DurableFile.syncFolder(of: target) }
    try DurableFile.makeFolder((target as NSString).deletingLastPathComponent)
    let temporary = DurableFile.temporaryName(for: target)
    if link(source, temporary) == 0 {
      try DurableFile.move(temporary, to: target)
    } else if errno == ENOENT {
      throw StoreError(.missing, "\(source): the blob of \(name) is missing from the store.")
    } else {
      try DurableFile.write(try DurableFile.read(source), to: target)
    }
  }

  /// Writes a file of the job that is no blob.
  public func write(_ bytes: [UInt8], as name: String) throws(StoreError) {
    let target = try path(of: name)
    try DurableFile.makeFolder((target as NSString).deletingLastPathComponent)
    try DurableFile.write(bytes, to: target)
  }

  /// Adds bytes to the end of a file that is no result: it is not synced.
  public func append(_ bytes: [UInt8], to name: String) throws(StoreError) {
    let target = try path(of: name)
    try DurableFile.makeFolder((target as NSString).deletingLastPathComponent)
    let descriptor = open(target, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError("open", path: target, errno: errno) }
    defer { close(descriptor) }
    try DurableFile.append(bytes, to: descriptor, path: target)
  }

  /// Removes the temporary files of a coordinator that crashed; only for the one that gives out names.
  public func removeLeftovers() {
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [] where name.hasSuffix(".part") {
      unlink("\(path)/\(name)")
    }
  }

  /// Whether the folder has a file of that name.
  public func contains(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

  /// What a file system takes, 255 bytes, less the ending of a temporary name.
  private static let partBytesMax = 200

  /// Whether a name is a relative path that stays in the folder. Bytes are looked at, as by the system: to Swift a slash
  /// with a combining mark after it is another character.
  public static func isSafe(_ name: String) -> Bool {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return name.utf8.count <= 1024
      && parts.allSatisfy { part in
        !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8) && part.count <= partBytesMax
          && !part.contains(0)
      }
  }

  private func path(of name: String) throws(StoreError) -> String {
    guard Self.isSafe(name) else { throw StoreError(.badName, "\"\(name)\" is not a name inside a job's folder.") }
    let target = "\(path)/\(name)"
    guard !isBelowFile(target) else {
      throw StoreError(.badName, "\(target): a part of this path is a file, not a folder.")
    }
    return target
  }

  private func isBelowFile(_ target: String) -> Bool {
    var parent = (target as NSString).deletingLastPathComponent
    var status = stat()
    while stat(parent, &status) != 0, parent.utf8.count > path.utf8.count {
      parent = (parent as NSString).deletingLastPathComponent
    }
    return stat(parent, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }
}
