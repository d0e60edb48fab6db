import Foundation
import Glibc

/// Files that are either whole under their name or not there, whatever happens (G5).
public enum DurableFile {
  /// Writes a file: under a temporary name, fsync, rename, fsync of the folder.
  /// - Throws: `StoreError`.
  public static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
    let temporary = temporaryName(for: path)
    try writeAndSync(bytes, to: temporary)
    try move(temporary, to: path)
  }

  /// Gives a synced file its final name, for good.
  static func move(_ temporary: String, to path: String) throws(StoreError) {
    guard rename(temporary, path) == 0 else {
      let number = errno
      unlink(temporary)
      throw StoreError("give a file its name", path: path, errno: number)
    }
    try syncFolder(of: path)
  }

  /// Syncs a file that someone else has written, and gives it its name.
  public static func settle(_ temporary: String, as path: String) throws(StoreError) {
    let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError("open", path: temporary, errno: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError("sync", path: temporary, errno: errno) }
    try move(temporary, to: path)
  }

  /// Makes a folder and those above it, if they are missing.
  public static func makeFolder(_ path: String) throws(StoreError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw StoreError(
        .notWritable, "\(path): cannot make the folder. Choose one that this user may write to.", cause: error)
    }
  }

  /// Reads a whole file.
  public static func read(_ path: String) throws(StoreError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError("open", path: path, errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw StoreError("read", path: path, errno: errno) }
    return try read(descriptor, offset: 0, count: Int(status.st_size), path: path)
  }

  /// Reads `count` bytes from `offset` on, or fewer where the file ends.
  static func read(_ descriptor: Int32, offset: Int, count: Int, path: String) throws(StoreError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
        if got > 0 { filled += got }
        if got == 0 { break }
        if got < 0 && errno != EINTR {
          failure = errno
          break
        }
      }
    }
    guard failure == 0 else { throw StoreError("read", path: path, errno: failure) }
    return bytes
  }

  /// Whether two names are of one file.
  public static func isSame(_ left: String, _ right: String) -> Bool {
    var a = stat()
    var b = stat()
    return stat(left, &a) == 0 && stat(right, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev
  }

  static func writeAndSync(_ bytes: [UInt8], to path: String) throws(StoreError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError("create", path: path, errno: errno) }
    defer { close(descriptor) }
    do throws(StoreError) {
      try append(bytes, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw StoreError("sync", path: path, errno: errno) }
    } catch {
      unlink(path)
      throw error
    }
  }

  static func append(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(StoreError) {
    var failure: Int32 = 0
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        if count >= 0 {
          written += count
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
    guard failure == 0 else { throw StoreError("write", path: path, errno: failure) }
  }

  static func syncFolder(of path: String) throws(StoreError) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError("open", path: folder, errno: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError("sync", path: folder, errno: errno) }
  }

  /// A name beside `path` that no other writer uses: temporary names are never shared.
  static func temporaryName(for path: String) -> String { "\(path).\(getpid())-\(UUID().uuidString).part" }
}
