/// What went wrong with a network.
public struct NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of network errors; the set may grow.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The kind's name, as it appears in descriptions.
    public let rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The weights lack a parameter that the network needs.
    public static let missingParameter = Code(rawValue: "missing parameter")
    /// A configuration or an input does not fit the network.
    public static let invalidArgument = Code(rawValue: "invalid argument")
    /// A network's configuration asks for what does not exist, is not built or does not fit together.
    public static let configuration = Code(rawValue: "configuration")
    /// A folder does not hold a network, or cannot be written.
    public static let folder = Code(rawValue: "folder")
  }

  /// The kind of error.
  public var code: Code
  /// What happened and what to do.
  public var message: String

  /// Makes an error. What the tensor layer throws passes through as it is, so there is no cause to carry.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The code and the message.
  public var description: String { "\(code.rawValue): \(message)" }
}
