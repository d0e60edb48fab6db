/// A data set that cannot be learnt from, and why.
public struct DatasetError: Error, Sendable, CustomStringConvertible {
  /// Kinds of faults; new ones may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Stable name of the kind.
    public let description: String

    init(_ description: String) { self.description = description }

    /// The bytes of the file were not supplied.
    public static let missingFile = Code("missingFile")
    /// The file is not a table of finite numbers.
    public static let table = Code("table")
    /// The target column does not exist, or nothing is left to learn from.
    public static let column = Code("column")
    /// The rows cannot be divided as asked.
    public static let split = Code("split")
    /// A picture that cannot be read, or a set without pictures.
    public static let image = Code("image")
    /// A caption table that is no table, or a picture without a caption.
    public static let caption = Code("caption")
    /// A label that names no class, or labels that do not fit their pictures.
    public static let label = Code("label")
    /// A column whose values cannot be standardised.
    public static let values = Code("values")
  }

  /// Kind of fault.
  public var code: Code
  /// What is wrong, where, and what to do.
  public var message: String
  /// What caused it.
  public var cause: (any Error)?

  init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The message.
  public var description: String { message }
}
