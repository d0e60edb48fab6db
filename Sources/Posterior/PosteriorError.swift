import Tensors

/// What stops a chain or refuses its input. A numerical accident, such as a divergence, is no error: it is counted.
public struct PosteriorError: Error, Sendable, CustomStringConvertible {
  /// The kinds of errors; the set may grow.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The kind's name, as it appears in descriptions.
    public let rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Sizes or values of the arguments do not fit.
    public static let invalidArgument = Code(rawValue: "invalid argument")
    /// The density could not be computed.
    public static let densityFailed = Code(rawValue: "density failed")
    /// No starting point with a finite density was found.
    public static let initialPositionNotFound = Code(rawValue: "no initial position")
    /// The step size collapsed or nothing is accepted any more.
    public static let adaptationFailed = Code(rawValue: "adaptation failed")
    /// A snapshot does not fit the chain that is to be resumed.
    public static let invalidSnapshot = Code(rawValue: "invalid snapshot")
  }

  /// The kind of error.
  public var code: Code
  /// What happened and what to do.
  public var message: String
  /// The error of the layer below, if any.
  public var cause: (any Error)?

  /// Makes an error.
  public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The code, the message and the cause.
  public var description: String {
    cause.map { "\(code.rawValue): \(message) (\($0))" } ?? "\(code.rawValue): \(message)"
  }
}

/// Refuses an argument with a message that says what it must be.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(PosteriorError) {
  guard condition else { throw PosteriorError(.invalidArgument, message()) }
}
