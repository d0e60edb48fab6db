/// Bytes that are not what their format promises, or values a format cannot hold.
public struct FormatError: Error, Sendable, CustomStringConvertible {
  /// Kinds of faults; new ones may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Stable name of the kind.
    public let description: String

    /// Creates a kind.
    public init(_ description: String) { self.description = description }

    /// An archive or compressed file that is damaged or breaks its rules.
    public static let archive = Code("archive")
    /// A picture that cannot be read.
    public static let image = Code("image")
    /// Text that is not JSON, or JSON of another shape than expected.
    public static let json = Code("json")
    /// A safetensors file that breaks its rules.
    public static let safetensors = Code("safetensors")
    /// A table that is not rectangular or holds something else than numbers.
    public static let table = Code("table")
    /// A value whose shape, type or name the format cannot hold.
    public static let unsupported = Code("unsupported")
  }

  /// Kind of fault.
  public var code: Code
  /// What is wrong, where, and what to do.
  public var message: String
  /// What caused it.
  public var cause: (any Error)?

  /// Creates an error.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The message.
  public var description: String { message }
}
