/// What went wrong in the tensor layer.
public struct TensorError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of tensor errors; the set may grow.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The kind's name, as it appears in descriptions.
    public let rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Shapes, types or counts of the arguments do not fit.
    public static let invalidArgument = Code(rawValue: "invalid argument")
    /// libtorch refused the operation; the message is its own.
    public static let operationFailed = Code(rawValue: "operation failed")
  }

  /// The kind of error.
  public var code: Code
  /// What happened and what to do.
  public var message: String

  /// Makes an error. Errors of the layer below arrive as text, so there is no cause to carry.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The code and the message.
  public var description: String { "\(code.rawValue): \(message)" }
}
