/// What is wrong with a job file, where, and what to write instead.
public struct SpecificationError: Error, Sendable {
  /// Kinds of faults; new ones may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Stable name of the kind.
    public let description: String

    init(_ description: String) { self.description = description }

    /// The file is too large or not text.
    public static let unreadable = Code("unreadable")
    /// The text is not YAML, or uses parts of YAML that job files do without.
    public static let syntax = Code("syntax")
    /// A key that means nothing here.
    public static let unknownKey = Code("unknownKey")
    /// A key without which the job cannot be understood.
    public static let missingKey = Code("missingKey")
    /// A key that is given twice.
    public static let duplicateKey = Code("duplicateKey")
    /// A text where a number is needed, a list where a section is needed, and so on.
    public static let wrongType = Code("wrongType")
    /// A word that is not on the list.
    public static let unknownValue = Code("unknownValue")
    /// A number or text outside its limits.
    public static let outOfRange = Code("outOfRange")
    /// Two settings that exclude each other.
    public static let conflict = Code("conflict")
  }

  /// Kind of fault.
  public var code: Code
  /// What is wrong and what to do.
  public var message: String
  /// Name of the job file as the user gave it.
  public var file: String
  /// Line in the file, from 1.
  public var line: Int?
  /// Path of the setting, such as `model.prior.scale`.
  public var field: String?
  /// What caused it.
  public var cause: (any Error)?

  /// Creates an error.
  public init(
    _ code: Code, _ message: String, file: String, line: Int? = nil, field: String? = nil, cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.file = file
    self.line = line
    self.field = field
    self.cause = cause
  }
}

extension SpecificationError: CustomStringConvertible {
  /// `yacht.yaml:12: model.activation: unknown value "tahn"; did you mean "tanh"? …`
  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if let field { text += ": \(field)" }
    return text + ": " + message
  }
}
