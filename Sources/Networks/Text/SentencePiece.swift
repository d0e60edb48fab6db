import CSentencePiece
import Formats

/// T5's tokenizer: pieces by a model of the SentencePiece library (Kudo and Richardson 2018), then the mark of the end.
public final class SentencePiece: Tokenizer, @unchecked Sendable {  // The library only reads a model that is loaded.
  private let model: OpaquePointer
  /// Number of pieces of the model.
  public let vocabularySize: Int
  /// Texts have no mark at their beginning.
  public let start: Int? = nil
  /// Number of `</s>`.
  public let end: Int?
  /// Number of `<pad>`.
  public let padding: Int

  /// Whether the library is there. It is opened at the first use, apart from libtorch, with which it shares names of symbols; under
  /// the address sanitizer that is not possible.
  public static var isAvailable: Bool { message(csentencepiece_open) == nil }

  /// Reads a model file such as T5's `spiece.model`.
  ///
  /// Throws `NetworkError.Code.textEncoder` if the library cannot read it.
  public init(model bytes: some Collection<UInt8>, padding: Int = 0) throws(NetworkError) {
    var handle: OpaquePointer?
    let message = Array(bytes).withUnsafeBufferPointer { buffer in
      Self.message { csentencepiece_load(buffer.baseAddress, buffer.count, &handle, $0) }
    }
    guard message == nil, let handle else {
      throw NetworkError(.textEncoder, "the SentencePiece model cannot be read: \(message ?? "")")
    }
    model = handle
    vocabularySize = Int(csentencepiece_size(handle))
    let end = Int(csentencepiece_end(handle))
    self.end = end >= 0 ? end : nil
    self.padding = padding
  }

  deinit { csentencepiece_free(model) }

  /// Numbers of a text's pieces.
  ///
  /// Throws `NetworkError.Code.textEncoder` with the library's reason.
  public func pieces(of text: String) throws(NetworkError) -> [Int] {
    var pieces: UnsafeMutablePointer<Int32>?
    var count = 0
    let message = Array(text.utf8).withUnsafeBytes { bytes in
      let characters = bytes.assumingMemoryBound(to: CChar.self)
      return Self.message {
        csentencepiece_encode(model, characters.baseAddress, characters.count, &pieces, &count, $0)
      }
    }
    defer { csentencepiece_free_pieces(pieces) }
    if let message { throw NetworkError(.textEncoder, "SentencePiece cannot divide \(shown(text)): \(message)") }
    return UnsafeBufferPointer(start: pieces, count: count).map(Int.init)
  }

  /// The message of a call that fails.
  private static func message(_ call: (UnsafeMutablePointer<CChar>) -> Int32) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CSENTENCEPIECE_MESSAGE_BYTES)) { buffer in
      guard let start = buffer.baseAddress else { return "no memory" }
      start.initialize(repeating: 0, count: buffer.count)
      return call(start) == 0 ? nil : oneLine(String(cString: start), limit: 200)
    }
  }
}
