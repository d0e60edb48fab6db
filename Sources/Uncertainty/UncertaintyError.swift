/// What a summary or a score of predictions refuses.
public struct UncertaintyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of errors; the set may grow.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The kind's name, as it appears in descriptions.
    public let rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Counts or values of the arguments do not fit.
    public static let invalidArgument = Code(rawValue: "invalid argument")
  }

  /// The kind of error.
  public var code: Code
  /// What happened and what to do.
  public var message: String

  /// Makes an error. Everything here is computed from arguments, so there is no cause to carry.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The code and the message.
  public var description: String { "\(code.rawValue): \(message)" }
}

/// Refuses an argument with a message that says what it must be.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(UncertaintyError) {
  guard condition else { throw UncertaintyError(.invalidArgument, message()) }
}
