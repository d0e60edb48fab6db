internal import CZeroMQ

/// The public half of a CURVE key pair: who a peer is.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes of the key as 40 characters (ZeroMQ RFC 32), as key files and `User-Id` have them.
  public let z85: String
  let bytes: [UInt8]

  /// Reads a key from its 40 characters.
  ///
  /// - Throws: ``MessagingError`` `.invalidKey`.
  public init(z85: String) throws(MessagingError) {
    bytes = try Z85.decode(z85, "public key")
    self.z85 = z85
  }

  init?(bytes: [UInt8]) {
    guard let z85 = Z85.encode(bytes) else { return nil }
    self.bytes = bytes
    self.z85 = z85
  }

  /// The 40 characters.
  public var description: String { z85 }
}

/// The secret half of a CURVE key pair. No description, mirror or dump shows it.
public struct SecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The 32 bytes of the key as 40 characters: only ever written to a file of mode 600.
  let z85: String
  let bytes: [UInt8]

  /// Reads a key from its 40 characters.
  ///
  /// - Throws: ``MessagingError`` `.invalidKey`, without showing the text.
  public init(z85: String) throws(MessagingError) {
    bytes = try Z85.decode(z85, "secret key")
    self.z85 = z85
  }

  /// A placeholder.
  public var description: String { "SecretKey(hidden)" }
  /// A placeholder.
  public var debugDescription: String { description }
  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A CURVE key pair (Curve25519; CurveZMQ, ZeroMQ RFC 26).
public struct KeyPair: Sendable {
  /// Given to everyone who shall recognise the owner.
  public let publicKey: PublicKey
  /// Stays with the owner.
  public let secretKey: SecretKey

  /// Makes a new pair from the system's random source.
  ///
  /// - Throws: ``MessagingError`` `.system` when libzmq was built without CURVE.
  public static func generate() throws(MessagingError) -> KeyPair {
    var publicText = [CChar](repeating: 0, count: Z85.capacity)
    var secretText = publicText
    guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .system("Making a CURVE key pair") }
    return KeyPair(
      publicKey: try PublicKey(z85: Z85.string(publicText)), secretKey: try SecretKey(z85: Z85.string(secretText)))
  }

  /// Restores the pair of a secret key.
  ///
  /// - Throws: ``MessagingError`` `.invalidKey`.
  public init(secretKey: SecretKey) throws(MessagingError) {
    var publicText = [CChar](repeating: 0, count: Z85.capacity)
    guard zmq_curve_public(&publicText, secretKey.z85) == 0 else {
      throw MessagingError(.invalidKey, "The secret key has no public key. Make a new pair with: tributary keygen.")
    }
    publicKey = try PublicKey(z85: Z85.string(publicText))
    self.secretKey = secretKey
  }

  private init(publicKey: PublicKey, secretKey: SecretKey) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }
}

/// Binary keys as text: five characters for four bytes (ZeroMQ RFC 32).
enum Z85 {
  /// Characters of a key.
  static let length = 40
  /// Bytes that libzmq writes for a key: the characters and a zero.
  static let capacity = length + 1

  static func encode(_ bytes: [UInt8]) -> String? {
    guard bytes.count == 32 else { return nil }
    var text = [CChar](repeating: 0, count: capacity)
    guard zmq_z85_encode(&text, bytes, bytes.count) != nil else { return nil }
    return string(text)
  }

  static func decode(_ text: String, _ what: String) throws(MessagingError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    // Encoding again finds the texts that libzmq's decoder lets overflow.
    guard text.utf8.count == length, zmq_z85_decode(&bytes, text) != nil, encode(bytes) == text else {
      throw MessagingError(
        .invalidKey, "A \(what) is \(length) characters of Z85, as tributary keygen writes it; this text is not one.")
    }
    return bytes
  }

  static func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
