import TestSupport
import Foundation
import Glibc

/// A disk of a few megabytes that only processes see which are started with its `command`.
final class SmallDisk {
  private let holder: RunningProcess
  private let folder: String

  /// Mounts a disk in memory.
  convenience init(at folder: String, megabytes: Int) throws {
    try self.init(at: folder, mounting: ["-t", "tmpfs", "-o", "size=\(megabytes)m", "none"])
  }

  /// Mounts the ext4 file system in the file `image`, as it was left.
  convenience init(at folder: String, image: String) throws {
    try self.init(at: folder, mounting: ["-o", "loop", image])
  }

  private init(at folder: String, mounting options: [String]) throws {
    self.folder = folder
    // The namespace ends with the last process in it, and with the namespace the mount.
    let script = "folder=$0; mount \"$@\" \"$folder\" && echo mounted && exec sleep 7200"
    holder = try RunningProcess(["unshare", "--mount", "sh", "-c", script, folder] + options, output: "\(folder).log")
    try holder.prints("mounted")
  }

  /// Makes an empty ext4 file system for many small files in a file, which takes only the space that is used.
  static func makeImage(_ path: String, megabytes: Int) throws {
    for command in [["truncate", "-s", "\(megabytes)M", path], ["mkfs.ext4", "-q", "-m", "0", "-i", "8192", path]] {
      let process = try RunningProcess(command, output: "\(path).log")
      guard try process.end() == 0 else { throw TestError("\(command): \(process.output)") }
    }
  }

  /// What a command is preceded by to see the disk.
  var command: [String] { ["nsenter", "--mount=/proc/\(holder.pid)/ns/mnt", "--"] }

  /// Where other processes see the root of those that see the disk.
  var root: String { "/proc/\(holder.pid)/root" }

  private var ballast: String { "\(root)\(folder)/ballast" }

  /// Leaves no byte free.
  func fill() throws {
    let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    guard descriptor >= 0 else { throw TestError("\(ballast): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var space = statvfs()
    // Nearly all at once, without writing it; the file system wants some blocks to describe the file.
    if fstatvfs(descriptor, &space) == 0, space.f_bavail * space.f_frsize > 1 << 20 {
      _ = posix_fallocate(descriptor, 0, off_t(space.f_bavail * space.f_frsize - 1 << 20))
    }
    let block = [UInt8](repeating: 0, count: 4096)
    while write(descriptor, block, block.count) > 0 {}
    guard errno == ENOSPC else { throw TestError("\(ballast): \(String(cString: strerror(errno)))") }
  }

  func free() throws { try FileManager.default.removeItem(atPath: ballast) }
}
