/// A fault of a training, which ends its task.
public struct TrainingError: Error, CustomStringConvertible, Sendable {
  /// Kinds of faults.
  public struct Code: Hashable, Sendable {
    let name: String

    /// The loss is no number any more.
    public static let lost = Code(name: "lost")
    /// A checkpoint belongs to another training.
    public static let foreignCheckpoint = Code(name: "foreignCheckpoint")
    /// There is no head beside the trunk.
    public static let trunk = Code(name: "trunk")
  }

  /// What kind of fault it is.
  public let code: Code
  /// What is wrong, and what to do.
  public let message: String

  init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

  public var description: String { message }
}
