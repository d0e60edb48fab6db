internal import CZeroMQ

/// What went wrong in the messaging layer, in words that tell the reader what to do.
public struct MessagingError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure: an open set, so that later versions can add codes without breaking switches.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code's name, as it appears in logs.
    public let rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Another process already listens on the endpoint.
    public static let addressInUse = Code(rawValue: "addressInUse")
    /// The endpoint names an address that this host does not have.
    public static let addressNotAvailable = Code(rawValue: "addressNotAvailable")
    /// The operating system refuses the operation to this user.
    public static let permissionDenied = Code(rawValue: "permissionDenied")
    /// The endpoint cannot be parsed, or cannot be used this way.
    public static let invalidEndpoint = Code(rawValue: "invalidEndpoint")
    /// A socket option is outside its range.
    public static let invalidOption = Code(rawValue: "invalidOption")
    /// The message cannot be sent or kept: no frames, or more than the socket takes.
    public static let invalidMessage = Code(rawValue: "invalidMessage")
    /// A key is not 40 characters of Z85, or is not on any curve.
    public static let invalidKey = Code(rawValue: "invalidKey")
    /// A key file is missing, already there, malformed or readable by others.
    public static let keyFile = Code(rawValue: "keyFile")
    /// The socket was closed, or its context has ended.
    public static let closed = Code(rawValue: "closed")
    /// The operating system or libzmq failed in a way without a remedy of its own.
    public static let system = Code(rawValue: "system")
  }

  /// The kind of failure.
  public let code: Code
  /// One or two sentences: what happened, to what, and what to do.
  public let message: String
  /// The system's error number, where one caused the failure.
  public let errorNumber: Int32?
  /// The error underneath, where there is one.
  public let cause: (any Error)?

  /// Makes an error.
  public init(_ code: Code, _ message: String, errorNumber: Int32? = nil, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.errorNumber = errorNumber
    self.cause = cause
  }

  public var description: String { message }

  /// The system's own words for an error number of libzmq or of the C library.
  static func text(_ errorNumber: Int32) -> String { String(cString: zmq_strerror(errorNumber)) }

  /// The failure of an operation for which there is no better advice than the system's own words.
  static func system(_ operation: String, _ errorNumber: Int32 = zmq_errno()) -> MessagingError {
    let closed = errorNumber == ETERM || errorNumber == ENOTSOCK
    return MessagingError(
      closed ? .closed : .system, "\(operation) failed: \(text(errorNumber)).", errorNumber: errorNumber)
  }
}
