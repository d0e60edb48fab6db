/// What went wrong in measuring pictures.
public struct MetricError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of errors; the set may grow.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The kind's name, as it appears in descriptions.
    public let rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Too few pictures, or features that do not fit one another.
    public static let features = Code(rawValue: "features")
    /// A network that cannot be read, or does not give features.
    public static let network = Code(rawValue: "feature network")
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
