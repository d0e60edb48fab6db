import Tensors

/// Divides a text into numbered pieces.
public protocol Tokenizer: Sendable {
  /// Numbers of a text's pieces, without those that mark its beginning and end.
  func pieces(of text: String) throws(NetworkError) -> [Int]
  /// Number that marks the beginning of a text, if one does.
  var start: Int? { get }
  /// Number that marks the end of a text, if one does.
  var end: Int? { get }
  /// Number that fills up shorter texts.
  var padding: Int { get }
  /// Numbers that there are.
  var vocabularySize: Int { get }
}

/// What is done with a text of more tokens than an encoder takes.
public enum LongTextRule: String, CaseIterable, Codable, Sendable {
  /// It is refused with an error.
  case refuse
  /// Its end is left out, but for the mark.
  case cut
}

/// Texts as rows of numbers of one length.
public struct TokenBatch: Equatable, Sendable {
  /// Numbers, row-major: `rowCount` × `length`.
  public let ids: [Int64]
  /// Tokens of each text, marks included; what follows in its row is padding.
  public let lengths: [Int]
  /// Length of a row.
  public let length: Int
  /// Texts, by their number in the batch, whose end was left out.
  public let cut: [Int]

  /// Divides texts; rows are as long as the longest text, or `paddedTo`.
  ///
  /// Throws `NetworkError.Code.longText`, naming the text, if one has more than `tokensMax` tokens and the rule refuses.
  public init(
    _ texts: [String], tokenizer: some Tokenizer, tokensMax: Int, paddedTo: Int? = nil, longText: LongTextRule
  ) throws(NetworkError) {
    var rows: [[Int64]] = []
    var cut: [Int] = []
    let marks = [tokenizer.start, tokenizer.end].compactMap { $0 }.count
    for (number, text) in texts.enumerated() {
      var pieces = try tokenizer.pieces(of: text)
      if pieces.count + marks > tokensMax {
        guard longText == .cut else {
          throw NetworkError(
            .longText,
            "the text \(Self.quoted(text)) has \(pieces.count + marks) tokens, the encoder takes \(tokensMax): shorten it; "
              + "a job cuts long captions of its data with `onLongCaption: cut`, but no prompts")
        }
        cut.append(number)
        pieces = Array(pieces.prefix(max(tokensMax - marks, 0)))
      }
      let row = [tokenizer.start].compactMap { $0 } + pieces + [tokenizer.end].compactMap { $0 }
      rows.append(row.map(Int64.init))
    }
    lengths = rows.map(\.count)
    let length = max(lengths.max() ?? 0, paddedTo ?? 1, 1)
    let padding = Int64(tokenizer.padding)
    ids = rows.flatMap { $0 + repeatElement(padding, count: length - $0.count) }
    self.length = length
    self.cut = cut
  }

  /// Number of texts.
  public var rowCount: Int { lengths.count }

  /// The numbers, int64 `[rows, length]`.
  public func idTensor() throws(TensorError) -> Tensor { try Tensor(ids, shape: [rowCount, length]) }

  /// Which numbers are no padding, bool `[rows, length]`.
  public func maskTensor() throws(TensorError) -> Tensor {
    let mask = lengths.flatMap { (0..<length).map { [count = $0] in $0 < count ? 1 : 0 as UInt8 } }
    return try Tensor(mask, shape: [rowCount, length]).converted(to: .bool)
  }

  private static func quoted(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(60).map { $0.properties.generalCategory == .control ? " " : String($0) }
    return "\"" + start.joined() + (text.unicodeScalars.count > 60 ? "…" : "") + "\""
  }
}

extension NetworkError.Code {
  /// A folder that holds no text encoder, or one of a kind that is not known.
  public static let textEncoder = NetworkError.Code(rawValue: "text encoder")
  /// A text of more tokens than the encoder takes.
  public static let longText = NetworkError.Code(rawValue: "text too long")
}
