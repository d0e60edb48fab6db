/// What a diffusion model, its schedule or its solver refuses.
public struct DiffusionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of errors; the set may grow.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The kind's name, as it appears in descriptions.
    public let rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A number outside its limits, or shapes that do not fit.
    public static let invalidArgument = Code(rawValue: "invalid argument")
    /// Settings that exclude each other.
    public static let conflict = Code(rawValue: "conflict")
    /// A stored state that does not fit the solver that is to go on from it.
    public static let invalidState = Code(rawValue: "invalid state")
  }

  /// The kind of error.
  public var code: Code
  /// What happened and what to do.
  public var message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The code and the message.
  public var description: String { "\(code.rawValue): \(message)" }
}

/// Refuses an argument with a message that says what it must be.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(DiffusionError) {
  guard condition else { throw DiffusionError(.invalidArgument, message()) }
}
