import Glibc

/// Something the store could not do, and what to do about it.
public struct StoreError: Error, CustomStringConvertible {
  /// What kind of trouble it is; more kinds may come.
  public struct Code: Hashable, Sendable {
    /// The word for it in messages between programs.
    public let name: String

    /// The disk or quota is full.
    public static let full = Code(name: "full")
    /// The folder cannot be written to.
    public static let notWritable = Code(name: "notWritable")
    /// Another coordinator uses the store.
    public static let inUse = Code(name: "inUse")
    /// A blob or file that should be there is not.
    public static let missing = Code(name: "missing")
    /// Bytes do not have the digest they are named by.
    public static let corrupt = Code(name: "corrupt")
    /// A name would lead out of the job's folder.
    public static let badName = Code(name: "badName")
    /// Any other failure of the file system.
    public static let inputOutput = Code(name: "inputOutput")
  }

  public let code: Code
  /// What happened, and what to do.
  public let message: String
  public let cause: (any Error)?

  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// Says what a system call failed at.
  init(_ action: String, path: String, errno number: Int32) {
    let reason = String(cString: strerror(number))
    switch number {
    case ENOSPC, EDQUOT:
      self.init(.full, "\(path): cannot \(action): \(reason). Free some space; what is committed is safe.")
    case EACCES, EROFS, EPERM:
      self.init(.notWritable, "\(path): cannot \(action): \(reason). Choose a folder this user may write to.")
    case EISDIR, ENOTDIR, ENAMETOOLONG:
      self.init(.badName, "\(path): cannot \(action): \(reason).")
    case ENOENT:
      self.init(.missing, "\(path): cannot \(action): \(reason). Check the path.")
    default:
      self.init(.inputOutput, "\(path): cannot \(action): \(reason).")
    }
  }

  public var description: String { message }
}
