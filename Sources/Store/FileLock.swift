import Glibc

/// A lock on a file, held by at most one owner on all hosts that share the file system, and released with its owner.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, on a file that is made if it is missing; nil while another has it.
  public init?(_ path: String) throws(StoreError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError("open", path: path, errno: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
  }

  deinit { close(descriptor) }
}
