internal import Formats
import Foundation

/// A body of the wire protocol: what the JSON frame of one type of message holds.
public protocol MessageBody: Codable, Sendable {
  /// The type frame, for example `commits`.
  static var type: String { get }
}

/// A message as it travels: protocol, type, JSON body, then payload frames as they are.
///
/// The body is decoded only by who knows the type; payloads are never re-encoded.
public struct Envelope: Sendable {
  /// Name and version of the protocol, the first frame of every message.
  public static let version = "TRIBUTARY/1"

  /// What kind of message it is.
  public let type: String
  /// JSON.
  public let body: [UInt8]
  /// Raw bytes that the body speaks of.
  public let payload: [[UInt8]]

  /// Wraps a body.
  public init<Body: MessageBody>(_ body: Body, payload: [[UInt8]] = []) {
    type = Body.type
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // Bodies are plain values of strings, numbers and arrays, which always encode.
    self.body = (try? encoder.encode(body)).map(Array.init) ?? Array("{}".utf8)
    self.payload = payload
  }

  /// Reads the frames of a message.
  /// - Throws: `EnvelopeError` for anything that is not this protocol in this version.
  public init(frames: [[UInt8]]) throws(EnvelopeError) {
    guard frames.count >= 3, frames[1].count <= 32, frames[1].allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw EnvelopeError(message: "a message has at least three frames: version, type (a short word) and body")
    }
    guard frames[0].elementsEqual(Self.version.utf8) else { throw Self.refusal(of: frames[0]) }
    type = String(decoding: frames[1], as: UTF8.self)
    body = frames[2]
    payload = Array(frames.dropFirst(3))
  }

  /// Says which of the two programs is the older one; what is no version at all is just not a message.
  private static func refusal(of frame: [UInt8]) -> EnvelopeError {
    let name = version.prefix { $0 != "/" } + "/"
    let other = oneLine(String(decoding: frame.prefix(32), as: UTF8.self), limit: 32)
    guard other.hasPrefix(name), let theirs = Int(other.dropFirst(name.count)),
      let ours = Int(version.dropFirst(name.count))
    else { return EnvelopeError(message: "the first frame is not \(version)") }
    return EnvelopeError(
      message: """
        the peer speaks \(other), this program \(version): install the same version on all hosts (\
        \(theirs > ours ? "this program" : "the peer") is the older one)
        """, isOtherVersion: true)
  }

  /// The frames to send.
  public var frames: [[UInt8]] { [Array(Self.version.utf8), Array(type.utf8), body] + payload }

  /// Decodes the body.
  /// - Throws: `EnvelopeError` naming the field that is missing or wrong.
  public func decode<Body: MessageBody>(_: Body.Type = Body.self) throws(EnvelopeError) -> Body {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      try JSON.checkForeign(body)
      return try decoder.decode(Body.self, from: Data(body))
    } catch let error as DecodingError {
      throw EnvelopeError(message: "the body of \(type): \(oneLine(Self.explain(error), limit: 200))")
    } catch {
      throw EnvelopeError(message: "the body of \(type) cannot be read: \(oneLine("\(error)", limit: 200))")
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    let (context, what): (DecodingError.Context, String) =
      switch error {
      case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
      case .typeMismatch(let type, let context): (context, "not a \(type)")
      case .valueNotFound(let type, let context): (context, "null instead of a \(type)")
      case .dataCorrupted(let context): (context, context.debugDescription)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
      }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? what : "\(path): \(what)"
  }
}

/// Bytes that are not a message of this protocol.
public struct EnvelopeError: Error, CustomStringConvertible {
  /// What is wrong with them.
  public let message: String
  /// Whether it may be the protocol in another version.
  public let isOtherVersion: Bool

  public init(message: String, isOtherVersion: Bool = false) {
    self.message = message
    self.isOtherVersion = isOtherVersion
  }

  public var description: String { message }
}
